"""Euler's method for flows: order 1, one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, pairs


def euler(velocity: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Follow the velocity at the start of each step."""
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        v = velocity(x, now)
        result = x + spread(then - now, x) * v
        yield Step(index, count, now, then, x, result, result - spread(then, x) * v)
        x = result


SAMPLER = Sampler("time", euler, schedule="logsnr")
