"""DPM-Solver++ (3M) for the stochastic equation (k-diffusion): one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, is_clean, pairs


def dpmpp_3m_sde(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource, eta: float = 1.0) -> Iterator[Step]:
    """Go on along the clean signals of the last three steps, and replace noise by fresh noise.

    Args:
        denoiser: the model.
        x: `(B, C, T)`.
        levels: ratios of noise to signal.
        noise: fresh noise.
        eta: 1 follows the reverse of the diffusion, 0 its deterministic flow.
    """
    count = levels.shape[1] - 1
    past: list[Tensor] = []
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        result = denoised
        if not is_clean(then):
            h = torch.log(now / then)
            span = h * (1 + eta)
            result = spread(torch.exp(-span), x) * x + spread(-torch.expm1(-span), x) * denoised
            result = result + _correction(denoised, past, levels[:, : index + 2], span)
            if eta:
                fresh = then * torch.sqrt(-torch.expm1(-2 * eta * h))
                result = result + spread(fresh, x) * noise.brownian(x, now, then)
        yield Step(index, count, now, then, x, result, denoised)
        x, past = result, [denoised, *past[:1]]


def _correction(denoised: Tensor, past: list[Tensor], levels: Tensor, span: Tensor) -> Tensor:
    """The terms of order 2 and 3, of as many clean signals as there are."""
    if not past:
        return torch.zeros_like(denoised)
    widths = torch.log(levels[:, :-1] / levels[:, 1:])
    phi_2 = torch.expm1(-span) / span + 1
    near = widths[:, -2] / widths[:, -1]
    first = (denoised - past[0]) / spread(near, denoised)
    if len(past) == 1:
        return spread(phi_2, denoised) * first
    far = widths[:, -3] / widths[:, -1]
    bend = (first - (past[0] - past[1]) / spread(far, denoised)) / spread(near + far, denoised)
    slope = first + bend * spread(near, denoised)
    return spread(phi_2, denoised) * slope - spread(phi_2 / span - 0.5, denoised) * bend


SAMPLER = Sampler("sigma", dpmpp_3m_sde, options=("eta",), schedule="poly_exponential")
