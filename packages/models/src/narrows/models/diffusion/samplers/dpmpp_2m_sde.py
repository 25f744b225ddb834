"""DPM-Solver++ (2M) for the stochastic equation (k-diffusion, midpoint form): one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def dpmpp_2m_sde(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource, eta: float = 1.0) -> Iterator[Step]:
    """Go on along the clean signals of this step and the one before, and replace noise by fresh noise.

    Args:
        denoiser: the model.
        x: `(B, C, T)`.
        levels: ratios of noise to signal.
        noise: fresh noise.
        eta: 1 follows the reverse of the diffusion, 0 its deterministic flow.
    """
    count = levels.shape[1] - 1
    before: Tensor | None = None
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        result = denoised
        if not is_clean(then):
            h = torch.log(now / then)
            gain = -torch.expm1(-(1 + eta) * h)
            result = spread(then / now * torch.exp(-eta * h), x) * x + spread(gain, x) * denoised
            if before is not None:
                trend = gain / 2 * h / torch.log(levels[:, index - 1] / now)
                result = result + spread(trend, x) * (denoised - before)
            if eta:
                fresh = then * torch.sqrt(-torch.expm1(-2 * eta * h))
                result = result + spread(fresh, x) * noise.brownian(x, now, then)
        yield Step(index, count, now, then, x, result, denoised)
        x, before = result, denoised


SAMPLER = Sampler("sigma", dpmpp_2m_sde, options=("eta",), schedule="poly_exponential")
