"""Steps of DPM-Solver (Lu et al. 2022), which `k_dpm_fast` and `k_dpm_adaptive` are made of.

Places are `-log(sigma)`, `(B,)`: they rise from noise to signal.
"""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.models.diffusion.process import spread
from narrows.models.diffusion.samplers.base import Model


def residue(denoiser: Model, x: Tensor, place: Tensor) -> Tensor:
    """The noise that the model means, `(B, C, T)`."""
    sigma = torch.exp(-place)
    return (x - denoiser(x, sigma)) / spread(sigma, x)


def first(x: Tensor, eps: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """A step of order 1, from the noise at its start."""
    return x - spread(torch.exp(-end) * torch.expm1(end - start), x) * eps


def second(x: Tensor, eps: Tensor, inner: Tensor, start: Tensor, end: Tensor, ratio: float = 1 / 2) -> Tensor:
    """A step of order 2.

    Args:
        x: signal at the start.
        eps: noise at the start.
        inner: noise at the share `ratio` of the step.
        start: of the step.
        end: of the step.
        ratio: where `inner` was taken.
    """
    push = torch.exp(-end) * torch.expm1(end - start)
    return x - spread(push, x) * eps - spread(push / (2 * ratio), x) * (inner - eps)


def third(denoiser: Model, x: Tensor, eps: Tensor, inner: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """A step of order 3, from the noise at its start and at a third of it; it calls the model at two thirds."""
    h = end - start
    two = start + 2 / 3 * h
    part = 2 / 3 * h
    sigma = torch.exp(-two)
    bend = 2 * sigma * (torch.expm1(part) / part - 1)
    ahead = x - spread(sigma * torch.expm1(part), x) * eps - spread(bend, x) * (inner - eps)
    last = residue(denoiser, ahead, two)
    curve = torch.exp(-end) * 3 / 2 * (torch.expm1(h) / h - 1)
    return first(x, eps, start, end) - spread(curve, x) * (last - eps)
