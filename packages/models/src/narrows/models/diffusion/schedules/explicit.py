"""A list of times."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from narrows.configs import ExplicitScheduleConfig
from narrows.models.diffusion.schedules import build_schedule
from narrows.models.diffusion.schedules.base import ScheduleError, Span, falling


class ExplicitSchedule:
    """The times as given; they say how many steps there are, and where the sampler starts.

    Args:
        times: falling, from at most 1 to 0.

    Raises:
        ScheduleError: they are not so.
    """

    def __init__(self, times: Sequence[float]) -> None:
        self.given = checked_times(torch.tensor(times, dtype=torch.float64))

    def times(self, steps: int, span: Span) -> Tensor:
        """See `Schedule`; `steps` and the start of the span are not heeded."""
        return self.given


def checked_times(times: Tensor) -> Tensor:
    """Times `(N,)` as they are.

    Raises:
        ScheduleError: they are fewer than two, or do not fall from at most 1 to 0.
    """
    if times.dim() != 1 or len(times) < 2:
        raise ScheduleError(f"times must be a list of at least 2 numbers, got the shape {tuple(times.shape)}")
    if not bool(times.isfinite().all()) or not falling(times):
        raise ScheduleError(f"times must fall with every step, got {_shown(times)}")
    if times[0] > 1 or times[-1] != 0:
        raise ScheduleError(f"times must start at 1 (pure noise) or below and end at 0, got {_shown(times)}")
    return times


def _shown(times: Tensor) -> str:
    numbers = [f"{time:.4g}" for time in times.tolist()]
    return ", ".join(numbers if len(numbers) <= 8 else [*numbers[:4], "…", *numbers[-3:]])


@build_schedule.register
def _(config: ExplicitScheduleConfig) -> ExplicitSchedule:
    return ExplicitSchedule(config.times)
