"""A midpoint method in the logarithm of noise, after DPM-Solver-2 (k-diffusion): order 2, two calls a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def dpm_2(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Follow the slope at the geometric middle of each step; the last one is one of Euler's."""
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        if is_clean(then):
            result = denoised
        else:
            middle = torch.sqrt(now * then)
            halfway = x + spread((middle - now) / now, x) * (x - denoised)
            result = x + spread((then - now) / middle, x) * (halfway - denoiser(halfway, middle))
        yield Step(index, count, now, then, x, result, denoised)
        x = result


SAMPLER = Sampler("sigma", dpm_2, schedule="poly_exponential")
