"""Embeddings, backbone and heads of a network that fills in hidden tokens, codebook by codebook.

Letters: B batch, K codebooks, T frames, D width, V tokens that a head tells apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn

from narrows.models.lm.backbones.masked import MaskedBackbone
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.generation import Frames, GenerationOptions
from narrows.models.lm.hidden import Hidden, Lengths
from narrows.models.lm.masked.decoding import Decoding, generate_masked
from narrows.models.lm.masked.prediction import draw_hidden, hidden_counts, predict_all, predict_hidden


class MaskedNetwork(nn.Module):
    """Predicts the hidden tokens of a codebook from those that are shown, and from the codebooks before it.

    The embeddings of a frame's tokens are added up; `special` stands for hidden tokens. The first codebook sees all
    frames, the others a few around each: what they add to a frame depends on little else (Ziv et al. 2024, 3.3).

    Args:
        backbone: network over frames.
        codebooks: K.
        codebook_size: values of a token (V).
        span_len: frames that are hidden together.
        subcodes_context: frames on each side that the second and further codebooks see; None for all.
        decoding: how tokens are filled in.
    """

    end_token = False
    """Frames are not in an order that could end."""
    is_streamable = False
    """Whether frames come one by one, and items of several lengths can be worked on together."""

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        backbone: MaskedBackbone,
        codebooks: int,
        codebook_size: int,
        span_len: int = 3,
        subcodes_context: int | None = 5,
        decoding: Decoding | None = None,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.codebook_size = self.special = codebook_size
        self.num_quantizers = codebooks
        self.span_len = span_len
        self.subcodes_context = subcodes_context
        self.decoding = decoding or Decoding()
        width = backbone.embed_dim
        self.embeds = nn.ModuleList(nn.Embedding(codebook_size + 1, width) for _ in range(codebooks))
        self.quantizer_heads = nn.ModuleList(nn.Linear(width, codebook_size, bias=False) for _ in range(codebooks))

    def forward(self, codes: Tensor, codebook: int, conditions: Conditions, valid: Tensor | None = None) -> Tensor:
        """Logits of the tokens of a codebook: `(B, T, V)`.

        Args:
            codes: `(B, K, T)`, `special` where a token is hidden.
            codebook: that is predicted, from 0.
            conditions: projected ones.
            valid: `(B, T)`, false for padding, which changes nothing; None for none.
        """
        x = torch.stack([embed(codes[:, k]) for k, embed in enumerate(self.embeds)]).sum(0)
        context = self.subcodes_context
        window = None if codebook == 0 or context is None else (context, context)
        logits: Tensor = self.quantizer_heads[codebook](self.backbone(x, conditions, window, valid))
        return logits

    def draw_hidden(self, batch: int, frames: int, lengths: Lengths, generator: Generator | None) -> Hidden:
        """Which tokens are hidden in a step of training; see `narrows.models.lm.masked.prediction.draw_hidden`."""
        return draw_hidden(self, batch, frames, lengths, generator)

    def predict(
        self, codes: Tensor, conditions: Conditions, lengths: Lengths = None, hidden: Hidden | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits `(B, K, T, V)`, a mask `(B, K, T)` of what is predicted, and the targets `(B, K, T)`.

        Args:
            codes: `(B, K, T)`.
            conditions: those of the items, not projected.
            lengths: frames of each item; None for T.
            hidden: what is hidden and predicted, of `draw_hidden`; None predicts every token once, see `predict_all`.
        """
        projected = self.backbone.project(conditions)
        if hidden is None:
            return *predict_all(self, codes, projected, lengths), codes
        return *predict_hidden(self, codes, projected, lengths, hidden), codes

    def prediction_counts(
        self, batch: int, frames: int, lengths: Lengths = None, hidden: Hidden | None = None
    ) -> Tensor:
        """How many tokens of each codebook `predict` predicts: `(K,)`."""
        return hidden_counts(self, batch, frames, lengths, hidden)

    def generate(
        self,
        prompt: Tensor,
        frames: int,
        conditions: Conditions,
        null: Conditions | None,
        options: GenerationOptions,
        lengths: Tensor | None = None,
    ) -> Iterator[Frames]:
        """Generate codes, all frames at once; see `narrows.models.lm.masked.decoding.generate_masked`.

        `lengths` are those of the frames: `AudioLanguageModel` refuses others where frames do not stream.
        """
        yield Frames(
            generate_masked(self, prompt, frames, conditions, null, options),
            torch.full((len(prompt),), frames, device=prompt.device) if lengths is None else lengths,
        )
