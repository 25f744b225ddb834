"""DPM-Solver++ (2M) of Lu et al. (2022) for flows: order 2, one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def dpmpp(velocity: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Go on along the clean signals of this step and the one before, linear in the logarithm of signal over noise.

    The first step and the last one, to time 0, are of order 1.
    """
    count = levels.shape[1] - 1
    before: Tensor | None = None
    for index, now, then in pairs(levels):
        denoised = x - spread(now, x) * velocity(x, now)
        aim = denoised
        # From pure noise the logarithm is infinite: the second step has nothing to extrapolate from.
        if before is not None and not is_clean(then):
            back = _logsnr(now) - _logsnr(levels[:, index - 1])
            weight = spread((_logsnr(then) - _logsnr(now)) / (2 * back), x)
            aim = (1 + weight) * denoised - weight * before
        result = spread(then / now, x) * x + spread(1 - then / now, x) * aim
        yield Step(index, count, now, then, x, result, denoised)
        x, before = result, denoised


def _logsnr(time: Tensor) -> Tensor:
    return torch.log((1 - time) / time)


SAMPLER = Sampler("time", dpmpp, schedule="logsnr")
