"""The classical Runge-Kutta method for flows: order 4, four calls of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, pairs


def rk4(velocity: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Follow a mean of the velocities at the start, twice in the middle, and at the end of each step.

    The model is called at time 0, as in stable-audio-tools.
    """
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        middle, step = (now + then) / 2, spread(then - now, x)
        k1 = velocity(x, now)
        k2 = velocity(x + step / 2 * k1, middle)
        k3 = velocity(x + step / 2 * k2, middle)
        k4 = velocity(x + step * k3, then)
        result = x + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        yield Step(index, count, now, then, x, result, result - spread(then, x) * k4)
        x = result


SAMPLER = Sampler("time", rk4, schedule="linear", heeds_shift=True)
