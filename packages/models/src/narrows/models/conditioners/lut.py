"""Text as tokens, a learned vector for each (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import LUTConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import Condition, Conditioner, Generators
from narrows.models.conditioners.encoders import place, tokenizer_at
from narrows.models.conditioners.texts import text_of, tokenize, warn_cut, words_beyond
from narrows.models.pretransforms import Pretransform


class AbsolutePositions(nn.Module):
    """A learned vector for every position, times `width ** -0.5`.

    Args:
        width: of the vectors (D).
        positions: as many as can be told apart (N).

    Shape:
        a number of positions → `(N, D)`
    """

    # `emb` is part of the checkpoint format.
    def __init__(self, width: int, positions: int) -> None:
        super().__init__()
        self.scale = width**-0.5
        self.emb = nn.Embedding(positions, width)

    def forward(self, count: int) -> Tensor:
        """The vectors of the first positions."""
        vectors: Tensor = self.emb.weight[:count] * self.scale
        return vectors


class LUTConditioner(Conditioner):
    """A row of a table for every token of a text, padded to `max_length`.

    The order is that of the reference: rows are projected, padding becomes zero, and positions are added to all.

    Args:
        output_dim: width (D).
        tokenizer_name: folder of a tokenizer, or its name in the local cache; it is read when the model is built,
            because the table has a row for every token.
        max_length: tokens (N); longer texts are cut, with a warning that names the words.
        use_abs_pos_emb: add learned positions.
        project_out: project the rows.
        special_tokens: tokens added to the vocabulary.

    Shape:
        texts → `(B, N, D)`, mask `(B, N)` bool
    """

    # `token_embedder` and `abs_pos_emb` are part of the checkpoint format.
    def __init__(
        self,
        output_dim: int,
        tokenizer_name: str,
        max_length: int = 1024,
        use_abs_pos_emb: bool = False,
        project_out: bool = False,
        special_tokens: Sequence[str] = (),
    ) -> None:
        super().__init__(output_dim, output_dim, project_out=project_out)
        self.tokenizer = tokenizer_at(place(tokenizer_name).find(), tuple(special_tokens))
        self.max_length = max_length
        self.token_embedder = nn.Embedding(len(self.tokenizer), output_dim)
        self.abs_pos_emb = AbsolutePositions(output_dim, max_length) if use_abs_pos_emb else None

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; `generator` is not used."""
        texts = [text_of(value) for value in values]
        for words in filter(None, map(self.cut_words, dict.fromkeys(texts))):
            warn_cut("lut", self.max_length, words)
        tokens = tokenize(self.tokenizer, texts, self.max_length).to(torch.device(device))
        embeddings = self.project(self.token_embedder(tokens.ids)) * tokens.mask[..., None]
        if self.abs_pos_emb is not None:
            embeddings = embeddings + self.abs_pos_emb(embeddings.shape[1])
        return Condition(embeddings, tokens.mask)

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        return None if isinstance(value, str) else "must be a text"

    def cut_words(self, text: str) -> str:
        """The end of a text that is not read; empty when all of it is."""
        return words_beyond(self.tokenizer, text, self.max_length)


@build_conditioner.register
def _(config: LUTConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> LUTConditioner:
    return LUTConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
