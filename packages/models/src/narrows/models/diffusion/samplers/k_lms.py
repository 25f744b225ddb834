"""A linear multistep method (k-diffusion): order up to 4, one call of the model a step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, pairs

ORDER = 4
"""Steps whose slopes are used."""


def lms(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource) -> Iterator[Step]:
    """Integrate the polynomial through the slopes of the last four steps."""
    count = levels.shape[1] - 1
    slopes: list[Tensor] = []
    for index, now, then in pairs(levels):
        denoised = denoiser(x, now)
        slopes = [(x - denoised) / spread(now, x), *slopes[: ORDER - 1]]
        known = levels[:, index - len(slopes) + 1 : index + 1].flip(1)
        result = x
        for weight, slope in zip(_weights(known, now, then), slopes, strict=True):
            result = result + spread(weight, x) * slope
        yield Step(index, count, now, then, x, result, denoised)
        x = result


def _weights(known: Tensor, start: Tensor, end: Tensor) -> list[Tensor]:
    """Integrals `(B,)` of the Lagrange polynomials through known levels `(B, K)`: exact, by Gauss's quadrature."""
    nodes, shares = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(ORDER))
    half = (end - start)[:, None] / 2
    places = start[:, None] + half * (nodes + 1)
    weights = []
    for j in range(known.shape[1]):
        others = [k for k in range(known.shape[1]) if k != j]
        values = torch.ones_like(places)
        for k in others:
            values = values * (places - known[:, k, None]) / (known[:, j, None] - known[:, k, None])
        weights.append((values * shares * half).sum(1))
    return weights


SAMPLER = Sampler("sigma", lms, schedule="poly_exponential")
