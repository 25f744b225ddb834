"""The shape of the ladder of stable-audio-tools, stretched to reach pure noise and the signal without a jump.

The times are a smooth function of the step, so that the error of a sampler falls with the number of steps as its order
says. Steps are as dense as in `logsnr` where most is decided, and a little less dense at the ends.
"""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.configs import StretchedLogSNRScheduleConfig
from narrows.models.diffusion.schedules import build_schedule
from narrows.models.diffusion.schedules.base import Span, joined
from narrows.models.diffusion.schedules.logsnr import check_ends


class StretchedLogSNRSchedule:
    """A logistic curve between two ends, moved and scaled onto [0, 1].

    Args:
        logsnr_start: end of the curve at pure noise.
        logsnr_end: end of the curve at the signal.

    Raises:
        ScheduleError: the end is not above the start.
    """

    def __init__(self, logsnr_start: float = -6.0, logsnr_end: float = 2.0) -> None:
        check_ends(logsnr_start, logsnr_end)
        self.ends = torch.tensor([logsnr_end, logsnr_start], dtype=torch.float64)

    def times(self, steps: int, span: Span) -> Tensor:
        """See `Schedule`."""
        low, high = torch.sigmoid(-self.ends)
        first = torch.logit(low + span.start * (high - low))
        curve = torch.sigmoid(torch.linspace(float(first), -float(self.ends[0]), steps + 1, dtype=torch.float64))
        return joined(span.start, ((curve - low) / (high - low))[1:-1])


@build_schedule.register
def _(config: StretchedLogSNRScheduleConfig) -> StretchedLogSNRSchedule:
    return StretchedLogSNRSchedule(config.logsnr_start, config.logsnr_end)
