"""Embeddings, backbone and heads of a language model over several codebooks.

Letters: B batch, K codebooks, S steps, D width, V tokens that a head tells apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.transformer.cache import KeyValueCache
from narrows.models.lm.backbones import LMBackbone
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.depth import DepthTransformer
from narrows.models.lm.generation import Frames, GenerationOptions, generate_frames
from narrows.models.lm.hidden import Hidden, Lengths
from narrows.models.lm.patterns import Pattern
from narrows.models.lm.prediction import predict_codes, prediction_counts


@dataclass(frozen=True)
class StepTables:
    """Weights of all codebooks as one table each: a step is then one look-up and one product."""

    embeddings: Tensor
    """`(K * (codebook_size + 1), D)`"""
    offsets: Tensor
    """`(K, 1)`: where the rows of each codebook begin."""
    heads: Tensor | None
    """`(K * V, D)`; None with a depth transformer."""
    biases: Tensor | None
    """`(K * V,)`; None for heads without."""


class TokenNetwork(nn.Module):
    """Predicts the tokens of the next step from those of the steps so far.

    The embeddings of a step's tokens are added up. The token `special` stands at places without one, at the start and,
    with `end_token`, behind the end: as a prediction of the first codebook it says that the sound is over.

    Args:
        pattern: order of the tokens.
        backbone: network over steps.
        codebook_size: values of a token.
        depth: predicts the tokens of a step one after the other; None for independent heads.
        end_token: whether the first codebook predicts the end.
        head_bias: biases of the heads.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        pattern: Pattern,
        backbone: LMBackbone,
        codebook_size: int,
        depth: DepthTransformer | None = None,
        end_token: bool = False,
        head_bias: bool = True,
    ) -> None:
        super().__init__()
        self.pattern = pattern
        self.backbone = backbone
        self.codebook_size = codebook_size
        self.special = codebook_size
        self.end_token = end_token
        self.num_quantizers = pattern.codebooks
        self.depth = depth
        self._joined: StepTables | None = None
        width, books = backbone.embed_dim, range(pattern.codebooks)
        self.embeds = nn.ModuleList(nn.Embedding(codebook_size + 1, width) for _ in books)
        if depth is None:
            self.quantizer_heads = nn.ModuleList(
                nn.Linear(width, codebook_size + (end_token and k == 0), bias=head_bias) for k in books
            )

    @property
    def classes(self) -> int:
        """Tokens that a head tells apart (V), the end included."""
        return self.codebook_size + self.end_token

    def forward(self, sequence: Tensor, conditions: Conditions) -> Tensor:
        """Logits of the step behind each step.

        Args:
            sequence: tokens `(B, K, S)`.
            conditions: those of the backbone, not projected.

        Returns:
            `(B, K, S, V)`
        """
        x = torch.stack([embed(sequence[:, k]) for k, embed in enumerate(self.embeds)]).sum(0)
        hidden = self.backbone(x, self.backbone.project(conditions))
        if self.depth is not None:
            following = F.pad(sequence[..., 1:], (0, 1), value=self.special)
            logits: Tensor = self.depth(hidden, following)
            return logits
        return torch.stack([self._padded(head(hidden)) for head in self.quantizer_heads], dim=1)

    @property
    def is_streamable(self) -> bool:
        """Whether frames come one by one, and items of several lengths can be worked on together."""
        return self.pattern.is_streamable

    def draw_hidden(self, batch: int, frames: int, lengths: Lengths, generator: Generator | None) -> None:
        """Nothing is hidden: later steps are not seen anyway."""

    def predict(
        self, codes: Tensor, conditions: Conditions, lengths: Lengths = None, hidden: Hidden | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, mask and targets of codes; see `narrows.models.lm.prediction.predict_codes`."""
        return predict_codes(self, codes, conditions, lengths)

    def prediction_counts(
        self, batch: int, frames: int, lengths: Lengths = None, hidden: Hidden | None = None
    ) -> Tensor:
        """How many tokens of each codebook `predict` predicts: `(K,)`, known before the network runs."""
        return prediction_counts(self, batch, frames, lengths)

    def generate(
        self,
        prompt: Tensor,
        frames: int,
        conditions: Conditions,
        null: Conditions | None,
        options: GenerationOptions,
        lengths: Tensor | None = None,
    ) -> Iterator[Frames]:
        """Generate codes; see `narrows.models.lm.generation.generate_frames`."""
        return generate_frames(self, prompt, frames, conditions, null, options, lengths)

    def tables(self) -> StepTables:
        """The weights as `step` takes them; made once a run, unless they are joined."""
        first = cast("Tensor", self.embeds[0].weight)
        if self._joined is not None and self._joined.embeddings.data_ptr() == first.data_ptr():
            return self._joined
        embeddings = torch.cat([cast("Tensor", embed.weight) for embed in self.embeds])
        offsets = torch.arange(self.num_quantizers, device=embeddings.device)[:, None]
        heads = biases = None
        if self.depth is None:
            linear = [cast("nn.Linear", head) for head in self.quantizer_heads]
            heads = torch.cat([F.pad(h.weight, (0, 0, 0, self.classes - h.out_features)) for h in linear])
            if self.end_token or linear[0].bias is not None:
                biases = torch.cat([self._padded(_bias(head)) for head in linear])
        return StepTables(embeddings, offsets * (self.codebook_size + 1), heads, biases)

    def join(self) -> None:
        """Keep the weights as `step` takes them, the parameters being parts of them; so a run needs no second copy.

        For generation alone: files of weights must not share memory.
        """
        tables, rows = self.tables(), self.codebook_size + 1
        for k, embed in enumerate(self.embeds):
            cast("Tensor", embed.weight).data = tables.embeddings[k * rows : (k + 1) * rows]
        for k, head in enumerate(self.quantizer_heads if tables.heads is not None else ()):
            linear, start = cast("nn.Linear", head), k * self.classes
            assert tables.heads is not None, "the loop is over these"
            linear.weight.data = tables.heads[start : start + linear.out_features]
        self._joined = tables

    def step(self, tokens: Tensor, conditions: Conditions, cache: KeyValueCache | None, tables: StepTables) -> Tensor:
        """What the backbone makes of the last of some steps: `(B, D)`.

        Args:
            tokens: `(B, K, n)`: all steps so far, or with a cache the new ones.
            conditions: projected ones.
            cache: of the steps before.
            tables: of `tables`.
        """
        x = F.embedding(tokens + tables.offsets, tables.embeddings).sum(1)
        hidden: Tensor = self.backbone(x, conditions, cache)[:, -1]
        return hidden

    def logits(self, hidden: Tensor, tables: StepTables) -> Tensor:
        """Logits `(B, K, V)` of what `step` gives, by independent heads."""
        assert tables.heads is not None, "a depth transformer draws token by token"
        return torch.unflatten(F.linear(hidden, tables.heads, tables.biases), -1, (self.num_quantizers, -1))

    def _padded(self, x: Tensor) -> Tensor:
        """Logits of a codebook without an end, as many as those with one."""
        missing = self.classes - x.shape[-1]
        return F.pad(x, (0, missing), value=floor(x.dtype)) if missing else x


def _bias(head: nn.Linear) -> Tensor:
    bias: Tensor | None = head.bias
    return head.weight.new_zeros(head.out_features) if bias is None else bias


def floor(dtype: torch.dtype) -> float:
    """A logit of what cannot be: so low that its probability is zero, and finite, so that guidance makes no NaN."""
    return torch.finfo(dtype).min / 4
