"""The result of a training step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from narrows.training.throughput import Work

Info = dict[str, Any]
"""Tensors of one batch by name: the input of losses and metrics."""
Scalars = dict[str, Tensor]
"""Losses and other scalars by name."""


@dataclass
class StepResult:
    """The outcome of one training step."""

    values: Scalars = field(default_factory=dict)
    """Losses and other scalars, by name."""
    problem: str | None = None
    """The loss or gradient that was not finite; None if all were."""
    updated: bool = True
    """Whether the model was updated."""
    work: Work | None = None
    """What the step did, which `Trainer.step` adds."""


def summed(values: Iterable[Scalars]) -> Scalars:
    """The sum of each scalar over several batches."""
    totals: Scalars = {}
    for part in values:
        for name, value in part.items():
            totals[name] = totals[name] + value if name in totals else value
    return totals


def scaled(values: Scalars, divisor: float) -> Scalars:
    """Scalars detached and divided, by the number of batches for instance, so that their sum is a mean."""
    return {name: value.detach().float() / divisor for name, value in values.items()}
