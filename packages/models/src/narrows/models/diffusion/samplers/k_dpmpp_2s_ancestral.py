"""DPM-Solver++ (2S) with ancestral noise (k-diffusion): two calls of the model a step, then fresh noise."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def dpmpp_2s_ancestral(
    denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource, eta: float = 1.0
) -> Iterator[Step]:
    """Go below the next level of noise by a step of order 2, and up to it by fresh noise.

    Args:
        denoiser: the model.
        x: `(B, C, T)`.
        levels: ratios of noise to signal.
        noise: fresh noise.
        eta: its share; 0 is deterministic.
    """
    count = levels.shape[1] - 1
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        result = denoised
        if not is_clean(then):
            down, up = _ancestral(now, then, eta)
            # A step down to no noise at all, where its middle would be there too, is one to the clean signal.
            safe = torch.where(down > 0, down, then)
            middle = torch.sqrt(now * safe)
            halfway = _towards(x, denoised, middle / now)
            ahead = _towards(x, denoiser(halfway, middle), safe / now)
            result = torch.where(spread(down, x) > 0, ahead, denoised)
            if eta:
                result = result + spread(up, x) * noise.gaussian(x)
        yield Step(index, count, now, then, x, result, denoised)
        x = result


def _towards(x: Tensor, aim: Tensor, ratio: Tensor) -> Tensor:
    return spread(ratio, x) * x + spread(1 - ratio, x) * aim


def _ancestral(now: Tensor, then: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """The level to step down to, and the fresh noise that leads back up."""
    up = torch.minimum(then, eta * then * torch.sqrt(1 - (then / now) ** 2))
    return torch.sqrt((then**2 - up**2).clamp(min=0)), up


SAMPLER = Sampler("sigma", dpmpp_2s_ancestral, options=("eta",), schedule="poly_exponential")
