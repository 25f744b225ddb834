"""DDIM for v-diffusion (Song et al. 2021; Salimans & Ho 2022): order 1, one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import VProcess, spread
from narrows.models.diffusion.samplers.base import Sampler, Step, Velocity, is_clean, pairs


def ddim(
    velocity: Velocity, x: Tensor, levels: Tensor, noise: NoiseSource, eta: float = 0.0, cfgpp: bool = False
) -> Iterator[Step]:
    """Mix the clean signal and the noise that the model means at the next time.

    Args:
        velocity: the model.
        x: `(B, C, T)`.
        levels: times.
        noise: fresh noise.
        eta: its share in each step; 0 is deterministic.
        cfgpp: take the noise from the prediction without conditions (Chung et al. 2024).
    """
    process, count = VProcess(), levels.shape[1] - 1
    for index, now, then in pairs(levels):
        v, free = velocity.pair(x, now)
        clean = process.clean_of(x, v, now)
        result = clean
        if not is_clean(then):
            kept, fresh = _noise_rates(process, now, then, eta)
            residue = process.noise_of(x, free if cfgpp else v, now)
            result = clean * spread(process.signal(then), x) + residue * spread(kept, x)
            if eta:
                result = result + spread(fresh, x) * noise.gaussian(x)
        yield Step(index, count, now, then, x, result, clean)
        x = result


def _noise_rates(process: VProcess, now: Tensor, then: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """Shares of the model's noise and of fresh noise at the next time."""
    later = process.noise(then)
    turned = 1 - (process.signal(now) / process.signal(then)) ** 2
    fresh = eta * later / process.noise(now) * torch.sqrt(turned)
    return torch.sqrt((later**2 - fresh**2).clamp(min=0)), fresh


SAMPLER = Sampler("time", ddim, options=("eta",), schedule="linear", heeds_shift=True)
