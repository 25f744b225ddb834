"""What every schedule is.

A schedule gives the times of a sampling in float64, for one item: they start where the sampler starts, fall with every
step, and end at 0, the signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.diffusion.process import Process
from narrows.models.diffusion.shifts.base import Shift


class ScheduleError(NarrowsError, ValueError):
    """There are no times as asked for."""


@dataclass(frozen=True)
class Span:
    """What a schedule divides into steps."""

    start: float
    """Time to start from, above 0; 1 is pure noise."""
    process: Process
    """Of the model: relates times and ratios of noise to signal."""
    length: int = 1
    """Of the sequence, in latent frames."""
    shift: Shift | None = None
    """Of the model; only some schedules heed it."""


class Schedule(Protocol):
    """Divides the way from noise to signal into steps."""

    def times(self, steps: int, span: Span) -> Tensor:
        """Times `(steps + 1,)` in float64.

        Args:
            steps: at least 1.
            span: where to start, and what the model is.
        """


def falling(times: Tensor) -> bool:
    """Whether times fall with every step."""
    return bool((times[1:] < times[:-1]).all())


def joined(start: float, inner: Tensor) -> Tensor:
    """Times from the start through inner times to 0; equal steps where that would rise.

    A reference's ladder may have its end above a low start, as for a slight variation of given audio: it would go up
    before it goes down.

    Args:
        start: the first time.
        inner: the times between the first and the last.
    """
    times = torch.cat((inner.new_tensor([start]), inner, inner.new_zeros(1)))
    return times if falling(times) else linear(start, len(inner) + 1)


def linear(start: float, steps: int) -> Tensor:
    """Equal steps from a time to 0, `(steps + 1,)`."""
    return torch.linspace(start, 0, steps + 1, dtype=torch.float64)
