"""Samplers of rectified flows (Liu et al. 2023): from noise at time 1 straight to the signal at time 0."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Generator, Tensor

from narrows.models.blocks.draws import gaussian
from narrows.models.diffusion.samplers.v_ddim import Predict


def euler(predict: Predict, noise: Tensor, steps: int, sigma_max: float = 1.0) -> Tensor:
    """Follow the velocity in equal steps.

    Args:
        predict: velocity `noise - signal` of `(B, C, T)` at times `(B,)`.
        noise: `(B, C, T)`.
        steps: number of calls of `predict`.
        sigma_max: time to start from.
    """
    times = _times(steps, sigma_max)
    x = noise
    for now, then in pairwise(times):
        x = x + (then - now) * predict(x, now * x.new_ones(len(x)))
    return x


def pingpong(
    predict: Predict, noise: Tensor, steps: int, sigma_max: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Jump to the signal and back to less noise, again and again: for models distilled to few steps.

    Args:
        predict: velocity, as for `euler`.
        noise: `(B, C, T)`.
        steps: number of calls of `predict`.
        sigma_max: time to start from.
        generator: source of the fresh noise.
    """
    times = _times(steps, sigma_max)
    x = noise
    for now, then in pairwise(times):
        signal = x - now * predict(x, now * x.new_ones(len(x)))
        fresh = gaussian(x.new_empty(x.shape), generator)
        x = (1 - then) * signal + then * fresh
    return x


def _times(steps: int, sigma_max: float) -> Tensor:
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return torch.linspace(sigma_max, 0, steps + 1)
