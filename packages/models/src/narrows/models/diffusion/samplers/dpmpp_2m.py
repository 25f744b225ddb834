"""DPM-Solver++ (2M) of Lu et al. (2022): order 2, one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def dpmpp_2m(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Go on along the clean signals of this step and the one before, linear in the logarithm of noise.

    The first step and the last one, to the signal, are of order 1.
    """
    count = levels.shape[1] - 1
    before: Tensor | None = None
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        aim = denoised
        if before is not None and not is_clean(then):
            weight = spread(torch.log(now / then) / (2 * torch.log(levels[:, index - 1] / now)), x)
            aim = (1 + weight) * denoised - weight * before
        result = spread(then / now, x) * x + spread(1 - then / now, x) * aim
        yield Step(index, count, now, then, x, result, denoised)
        x, before = result, denoised


SAMPLER = Sampler("sigma", dpmpp_2m, schedule="poly_exponential")
