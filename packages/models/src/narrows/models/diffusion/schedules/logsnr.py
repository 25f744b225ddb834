"""Equal steps in the logarithm of signal over noise, and a jump to the signal: the ladder of stable-audio-tools.

The ratio is that of amplitudes, `(1 - t) / t` in a flow. The jump from `logsnr_end` (t = 0.12 for 2) to the signal
is as long however many steps there are, and the error of that one step with it: see `logsnr_stretched` for a ladder
whose error falls.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.configs import LogSNRScheduleConfig
from narrows.models.diffusion.schedules import build_schedule
from narrows.models.diffusion.schedules.base import ScheduleError, Span, joined

OFFSET = 1e-6
"""What stable-audio-tools adds to the ratio at the start before its logarithm."""


class LogSNRSchedule:
    """The ladder.

    Args:
        logsnr_start: where pure noise starts; a sampler that starts with less noise starts higher.
        logsnr_end: where the jump starts.

    Raises:
        ScheduleError: the end is not above the start.
    """

    def __init__(self, logsnr_start: float = -6.0, logsnr_end: float = 2.0) -> None:
        check_ends(logsnr_start, logsnr_end)
        self.logsnr_start, self.logsnr_end = logsnr_start, logsnr_end

    def times(self, steps: int, span: Span) -> Tensor:
        """See `Schedule`."""
        sigma = float(span.process.sigma(torch.tensor(span.start, dtype=torch.float64)))
        start = self.logsnr_start if span.start >= 1 else math.log(1 / sigma + OFFSET)
        logsnr = torch.linspace(start, self.logsnr_end, steps + 1, dtype=torch.float64)[1:-1]
        return joined(span.start, span.process.time(torch.exp(-logsnr)))


def check_ends(start: float, end: float) -> None:
    """Raise a ScheduleError unless a ladder rises."""
    if end <= start:
        raise ScheduleError(f"logsnr_end must be greater than logsnr_start {start:g}, got {end:g}")


@build_schedule.register
def _(config: LogSNRScheduleConfig) -> LogSNRSchedule:
    return LogSNRSchedule(config.logsnr_start, config.logsnr_end)
