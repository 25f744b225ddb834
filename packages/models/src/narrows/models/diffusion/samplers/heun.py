"""Heun's method for flows: order 2, two calls of the model a step but the last one.

The last step is one of Euler's, because models are not trained at time 0; one step does not lower the order.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def heun(velocity: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Follow the mean of the velocities at both ends of each step."""
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        v = velocity(x, now)
        step = spread(then - now, x)
        denoised = x - spread(now, x) * v
        result = x + step * v
        if not is_clean(then):
            result = x + step * (v + velocity(result, then)) / 2
        yield Step(index, count, now, then, x, result, denoised)
        x = result


SAMPLER = Sampler("time", heun, schedule="logsnr_stretched")
