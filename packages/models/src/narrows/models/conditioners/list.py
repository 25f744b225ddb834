"""A learned vector for every word of a list (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Literal

import torch
from torch import nn

from narrows.configs import ListConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import Condition, Conditioner, Generators, single_tokens
from narrows.models.pretransforms import Pretransform


class ListConditioner(Conditioner):
    """A row of a table for every word, and row 0 for all other words.

    Args:
        output_dim: width (D).
        options: words; of two that are equal the first counts.
        out_of_range: what a request does with another word.

    Shape:
        words → `(B, 1, D)`, mask `(B, 1)`
    """

    # `embedder` is part of the checkpoint format.
    def __init__(
        self, output_dim: int, options: Sequence[str], out_of_range: Literal["error", "clamp"] = "error"
    ) -> None:
        super().__init__(output_dim, output_dim)
        self.options, self.out_of_range = list(options), out_of_range
        self.embedder = nn.Embedding(len(self.options) + 1, output_dim)

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; `generator` is not used."""
        rows = [self.options.index(value) + 1 if self._known(value) else 0 for value in values]
        return single_tokens(self.embedder(torch.tensor(rows, device=device)))

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        if not isinstance(value, str):
            return "must be a text"
        if self._known(value) or self.out_of_range == "clamp":
            return None
        close = get_close_matches(value, self.options, 1, 0.6)
        shown = ", ".join(self.options[:20]) + (", …" if len(self.options) > 20 else "")
        return f"must be one of {shown}{f' (nearest: {close[0]})' if close else ''}"

    def _known(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.options


@build_conditioner.register
def _(config: ListConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> ListConditioner:
    return ListConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
