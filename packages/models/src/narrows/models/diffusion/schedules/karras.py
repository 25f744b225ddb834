"""A power of noise over signal (Karras et al. 2022), and a last step to the signal."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.configs import KarrasScheduleConfig
from narrows.models.diffusion.schedules import build_schedule
from narrows.models.diffusion.schedules.base import Span, joined
from narrows.models.diffusion.schedules.poly_exponential import check_sigmas, first_sigma


class KarrasSchedule:
    """The ladder.

    Args:
        sigma_min: ratio of noise to signal before the last step.
        sigma_max: greatest ratio; a sampler that starts with less noise starts there.
        rho: power; the greater, the more steps at little noise.

    Raises:
        ScheduleError: the greatest ratio is not above the least.
    """

    def __init__(self, sigma_min: float = 0.01, sigma_max: float = 100.0, rho: float = 7.0) -> None:
        check_sigmas(sigma_min, sigma_max)
        self.sigma_min, self.sigma_max, self.rho = sigma_min, sigma_max, rho

    def times(self, steps: int, span: Span) -> Tensor:
        """See `Schedule`."""
        low, high = self.sigma_min ** (1 / self.rho), first_sigma(span, self.sigma_max) ** (1 / self.rho)
        sigmas = (high + torch.linspace(0, 1, steps, dtype=torch.float64) * (low - high)) ** self.rho
        return joined(span.start, span.process.time(sigmas[1:]))


@build_schedule.register
def _(config: KarrasScheduleConfig) -> KarrasSchedule:
    return KarrasSchedule(config.sigma_min, config.sigma_max, config.rho)
