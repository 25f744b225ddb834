"""Heun's method of Karras et al. (2022, algorithm 2): order 2, two calls of the model a step but the last one."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def heun(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Follow the mean of the slopes at both ends of each step; the last one is one of Euler's."""
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        if is_clean(then):
            result = denoised
        else:
            slope, step = (x - denoised) / spread(now, x), spread(then - now, x)
            ahead = x + step * slope
            second = (ahead - denoiser(ahead, then)) / spread(then, x)
            result = x + step * (slope + second) / 2
        yield Step(index, count, now, then, x, result, denoised)
        x = result


SAMPLER = Sampler("sigma", heun, schedule="poly_exponential")
