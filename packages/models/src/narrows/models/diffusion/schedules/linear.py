"""Equal steps in time, shifted by the length of the sequence."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.configs import LinearScheduleConfig
from narrows.models.diffusion.schedules import build_schedule
from narrows.models.diffusion.schedules.base import Span, falling, joined, linear
from narrows.models.diffusion.shifts import create_shift_from_config
from narrows.models.diffusion.shifts.base import Shift


class LinearSchedule:
    """Equal steps, shifted where there is a shift.

    Args:
        shift: of this schedule; None takes that of the model, if it has one.
    """

    def __init__(self, shift: Shift | None = None) -> None:
        self.shift = shift

    def times(self, steps: int, span: Span) -> Tensor:
        """See `Schedule`."""
        shift = self.shift or span.shift
        even = linear(span.start, steps)
        return even if shift is None else shifted(even, shift, span.length)


def shifted(even: Tensor, shift: Shift, length: int) -> Tensor:
    """Shifted times that start where the even ones start.

    stable-audio-3 shifts the even times and then writes the start over the first one. Where that would rise, because
    the shift has moved the second time above the start, the shift is applied to even steps from the time that it maps
    to the start.

    Args:
        even: equal steps to 0.
        shift: the shift.
        length: of the sequence, in latent frames.
    """
    times = shift.shift(even, length)
    times = torch.cat((even[:1], times[1:]))
    if falling(times) and times[-1] == 0:
        return times
    start = float(shift.unshift(even[:1], length).clamp(0, 1))
    inner = shift.shift(linear(start, len(even) - 1), length)[1:-1]
    return joined(float(even[0]), inner)


@build_schedule.register
def _(config: LinearScheduleConfig) -> LinearSchedule:
    return LinearSchedule(create_shift_from_config(config.shift))
