"""A learned vector for every integer of a range (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import nn

from narrows.configs import IntConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import Condition, Conditioner, ConditionError, Generators, single_tokens
from narrows.models.conditioners.values import number_of, out_of_range_problem
from narrows.models.pretransforms import Pretransform


class IntConditioner(Conditioner):
    """A row of a table for every integer from `min_val` to `max_val`.

    The row of a value is the value modulo the number of rows. The reference takes the value itself, which is the same
    wherever it finds a row, and reads beyond its table for the others.

    Args:
        output_dim: width (D).
        min_val: least value; smaller ones become it.
        max_val: greatest value; greater ones become it.
        out_of_range: what a request does with a value outside.

    Shape:
        integers → `(B, 1, D)`, mask `(B, 1)`
    """

    # `int_embedder` is part of the checkpoint format.
    def __init__(
        self,
        output_dim: int,
        min_val: int = 0,
        max_val: int = 512,
        out_of_range: Literal["error", "clamp"] = "error",
    ) -> None:
        super().__init__(output_dim, output_dim)
        self.min_val, self.max_val, self.out_of_range = min_val, max_val, out_of_range
        self.int_embedder = nn.Embedding(max_val - min_val + 1, output_dim)

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; `generator` is not used."""
        rows = [self._row(value) for value in values]
        return single_tokens(self.int_embedder(torch.tensor(rows, device=device)))

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        number = number_of(value)
        if number is None or number != int(number):
            return "must be an integer"
        return out_of_range_problem(number, self.min_val, self.max_val, self.out_of_range)

    def _row(self, value: Any) -> int:
        number = number_of(value)
        if number is None or number != int(number):
            raise ConditionError(f"must be an integer, got {value!r}")
        return min(max(int(number), self.min_val), self.max_val) % self.int_embedder.num_embeddings


@build_conditioner.register
def _(config: IntConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None) -> IntConditioner:
    return IntConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
