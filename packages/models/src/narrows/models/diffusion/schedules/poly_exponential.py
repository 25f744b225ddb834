"""A polynomial in the logarithm of noise over signal (k-diffusion), and a last step to the signal."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.configs import PolyExponentialScheduleConfig
from narrows.models.diffusion.schedules import build_schedule
from narrows.models.diffusion.schedules.base import ScheduleError, Span, joined


class PolyExponentialSchedule:
    """The ladder.

    Args:
        sigma_min: ratio of noise to signal before the last step.
        sigma_max: greatest ratio; a sampler that starts with less noise starts there.
        rho: degree of the polynomial.

    Raises:
        ScheduleError: the greatest ratio is not above the least.
    """

    def __init__(self, sigma_min: float = 0.01, sigma_max: float = 100.0, rho: float = 1.0) -> None:
        check_sigmas(sigma_min, sigma_max)
        self.sigma_min, self.sigma_max, self.rho = sigma_min, sigma_max, rho

    def times(self, steps: int, span: Span) -> Tensor:
        """See `Schedule`."""
        high = first_sigma(span, self.sigma_max)
        ramp = torch.linspace(1, 0, steps, dtype=torch.float64) ** self.rho
        sigmas = torch.exp(ramp * math.log(high / self.sigma_min)) * self.sigma_min
        return joined(span.start, span.process.time(sigmas[1:]))


def check_sigmas(low: float, high: float) -> None:
    """Raise a ScheduleError unless a ladder falls."""
    if not 0 < low < high:
        raise ScheduleError(f"sigma_max must be greater than sigma_min {low:g}, and both positive; got {high:g}")


def first_sigma(span: Span, sigma_max: float) -> float:
    """Ratio of noise to signal that a ladder starts from: that of the start, but at most its own greatest."""
    return min(float(span.process.sigma(torch.tensor(span.start, dtype=torch.float64))), sigma_max)


@build_schedule.register
def _(config: PolyExponentialScheduleConfig) -> PolyExponentialSchedule:
    return PolyExponentialSchedule(config.sigma_min, config.sigma_max, config.rho)
