"""Ping-pong sampling: to the signal and back to less noise, for models distilled to few steps (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, pairs


def pingpong(velocity: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Mix the clean signal that the model means with fresh noise.

    Noise is drawn in the last step too, which needs none, as in stable-audio-tools.
    """
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        denoised = x - spread(now, x) * velocity(x, now)
        result = spread(1 - then, x) * denoised + spread(then, x) * noise.gaussian(x)
        yield Step(index, count, now, then, x, result, denoised)
        x = result


SAMPLER = Sampler("time", pingpong, schedule="logsnr")
