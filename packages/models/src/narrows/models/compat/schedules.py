"""Schedules, masks and distributions of times of stable-audio-tools and k-diffusion, under their names.

Letters: B batch, N steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from narrows.models.diffusion.process import VProcess
from narrows.models.diffusion.shifts.full import FullShift
from narrows.models.diffusion.timesteps import logsnr_times, truncated_logit_normal


class DistributionShift:
    """The shift of times by the length of a sequence; see `FullShift`."""

    def __init__(
        self,
        base_shift: float = 0.5,
        max_shift: float = 1.15,
        max_length: int = 4096,
        min_length: int = 256,
        use_sine: bool = False,
    ) -> None:
        self.base_shift, self.max_shift = base_shift, max_shift
        self.max_length, self.min_length = max_length, min_length
        self.use_sine = use_sine

    def time_shift(self, t: Tensor, seq_len: int) -> Tensor:
        """Shifted times, of the shape of `t`."""
        shift = FullShift(self.base_shift, self.max_shift, self.max_length, self.min_length, self.use_sine)
        return shift.shift(t, max(seq_len, self.min_length))


def get_alphas_sigmas(t: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of signal and noise of v-diffusion at a time."""
    process = VProcess()
    return process.signal(t), process.noise(t)


def t_to_alpha_sigma(t: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of signal and noise of v-diffusion at a time."""
    return get_alphas_sigmas(t)


def alpha_sigma_to_t(alpha: Tensor, sigma: Tensor) -> Tensor:
    """The time of shares of signal and noise."""
    return torch.atan2(sigma, alpha) / math.pi * 2


def get_sigmas_polyexponential(
    n: int, sigma_min: float, sigma_max: float, rho: float = 1.0, device: Any = "cpu"
) -> Tensor:
    """Ratios of noise to signal `(N + 1,)`: a polynomial in their logarithm, and 0."""
    ramp = torch.linspace(1, 0, n, device=device) ** rho
    sigmas = torch.exp(ramp * (math.log(sigma_max) - math.log(sigma_min)) + math.log(sigma_min))
    return torch.cat((sigmas, sigmas.new_zeros(1)))


def get_bmask(i: int, steps: int, mask: Tensor) -> Tensor:
    """The binary mask of step `i` of a soft one: 1 where it is at most `(i + 1) / steps`."""
    return (mask <= (i + 1) / steps).long()


def build_mask(sample_size: int, mask_args: Mapping[str, Any]) -> Tensor:
    """A mask `(sample_size,)` that rises and falls as half a Hann window.

    Args:
        sample_size: length.
        mask_args: `maskstart`, `maskend`, `softnessL` and `softnessR` in percent of the length, and `marination`, what
            is taken off its height.
    """
    start = math.floor(mask_args["maskstart"] / 100.0 * sample_size)
    end = math.ceil(mask_args["maskend"] / 100.0 * sample_size)
    left, right = (round(mask_args[key] / 100.0 * sample_size) for key in ("softnessL", "softnessR"))
    mask = torch.zeros(sample_size)
    mask[start:end] = 1
    mask[start : start + left] = torch.hann_window(left * 2, periodic=False)[:left]
    mask[end - right : end] = torch.hann_window(right * 2, periodic=False)[right:]
    return mask * (1 - mask_args["marination"]) if mask_args["marination"] > 0 else mask


def sample_timesteps_logsnr(batch_size: int, mean_logsnr: float = -1.2, std_logsnr: float = 2.0) -> Tensor:
    """Times `(B,)` whose logarithm of signal over noise is Gaussian, from the global generator."""
    return logsnr_times(torch.randn(batch_size) * std_logsnr + mean_logsnr)


def truncated_logistic_normal_rescaled(
    shape: int | tuple[int, ...], left_trunc: float = 0.075, right_trunc: float = 1
) -> Tensor:
    """Logistic-normal numbers between two bounds, stretched to [0, 1), from the global generator."""
    return truncated_logit_normal(shape, left_trunc, right_trunc)
