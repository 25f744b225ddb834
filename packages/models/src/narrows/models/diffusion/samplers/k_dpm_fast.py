"""DPM-Solver-fast (Lu et al. 2022): a fixed number of calls of the model, in steps of order 3 as far as they go.

It ends at the least level of noise, as in k-diffusion, not at the signal.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.models.diffusion.noise import NoiseSource
from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers import dpm_solver
from narrows.models.diffusion.samplers.base import Model, Sampler, Step, pairs


def dpm_fast(denoiser: Model, x: Tensor, levels: Tensor, noise: NoiseSource, steps: int = 250) -> Iterator[Step]:
    """Steps that are equal in the logarithm of noise.

    Args:
        denoiser: the model.
        x: `(B, C, T)`.
        levels: `(B, 2)`, the first level and the last.
        noise: not used.
        steps: calls of the model.
    """
    ends, orders = -torch.log(levels), _orders(steps)
    shares = torch.linspace(0, 1, len(orders) + 1, dtype=torch.float64)
    places = ends[:, :1] + shares * (ends[:, 1:] - ends[:, :1])
    for index, start, end in pairs(places):
        eps = dpm_solver.residue(denoiser, x, start)
        denoised = x - spread(torch.exp(-start), x) * eps
        result = _step(orders[index], denoiser, x, eps, start, end)
        yield Step(index, len(orders), torch.exp(-start), torch.exp(-end), x, result, denoised)
        x = result


def _orders(calls: int) -> list[int]:
    thirds, rest = divmod(calls, 3)
    return [3] * (thirds - 1) + [2, 1] if rest == 0 else [3] * thirds + [rest]


def _step(order: int, denoiser: Model, x: Tensor, eps: Tensor, start: Tensor, end: Tensor) -> Tensor:
    if order == 1:
        return dpm_solver.first(x, eps, start, end)
    ratio = 1 / order
    place = start + ratio * (end - start)
    inner = dpm_solver.residue(denoiser, dpm_solver.first(x, eps, start, place), place)
    if order == 2:
        return dpm_solver.second(x, eps, inner, start, end)
    return dpm_solver.third(denoiser, x, eps, inner, start, end)


SAMPLER = Sampler("sigma", dpm_fast, options=("steps",), own_levels=True)
