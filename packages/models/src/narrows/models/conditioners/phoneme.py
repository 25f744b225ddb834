"""English text as phonemes, a learned vector for each (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from narrows.configs import PhonemeConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import Condition, Conditioner, Generators
from narrows.models.conditioners.graphemes import PHONEMES, phonemes
from narrows.models.conditioners.texts import text_of
from narrows.models.pretransforms import Pretransform

PADDING, IGNORED = 0, 1
"""Rows before those of the phonemes: padding, and spaces, punctuation and all else that is no phoneme."""


class PhonemeConditioner(Conditioner):
    """A row of a table for every phoneme of a text, padded to the longest of the batch.

    The mask is false where a text is padded, so that a text means the same in any batch; the reference's is all ones.

    Args:
        output_dim: width (D).
        max_length: phonemes that a text is cut to, with `truncate`.
        project_out: project the rows.
        truncate: cut longer texts; the reference never does.

    Shape:
        texts → `(B, N, D)`, mask `(B, N)`
    """

    # `phoneme_embedder` is part of the checkpoint format.
    def __init__(
        self, output_dim: int, max_length: int = 1024, project_out: bool = False, truncate: bool = False
    ) -> None:
        super().__init__(output_dim, output_dim, project_out=project_out)
        self.max_length, self.truncate = max_length, truncate
        self.phoneme_embedder = nn.Embedding(len(PHONEMES) + 2, output_dim)

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; `generator` is not used."""
        rows = [self.rows(text_of(value)) for value in values]
        columns = max(1, *(len(row) for row in rows))
        table = torch.full((len(rows), columns), PADDING)
        for index, row in enumerate(rows):
            table[index, : len(row)] = torch.tensor(row, dtype=torch.int64)
        lengths = torch.tensor([len(row) for row in rows])
        mask = (torch.arange(columns) < lengths[:, None]).float().to(device)
        return Condition(self.project(self.phoneme_embedder(table.to(device))), mask)

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        return None if isinstance(value, str) else "must be a text"

    def rows(self, text: str) -> list[int]:
        """Rows of the table for a text."""
        found = [PHONEMES.index(sound) + 2 if sound in PHONEMES else IGNORED for sound in phonemes(text)]
        return found[: self.max_length] if self.truncate else found


@build_conditioner.register
def _(config: PhonemeConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> PhonemeConditioner:
    return PhonemeConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
