"""DDIM for v-diffusion (Song et al. 2021; Salimans & Ho 2022)."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from narrows.models.blocks.draws import gaussian

Predict = Callable[[Tensor, Tensor], Tensor]
"""The velocity of a noisy signal `(B, C, T)` at times `(B,)`."""


def sample(
    predict: Predict,
    noise: Tensor,
    steps: int,
    eta: float = 0.0,
    sigma_max: float = 1.0,
    generator: Generator | None = None,
) -> Tensor:
    """Follow the velocity from noise to a signal.

    Args:
        predict: velocity at a time.
        noise: `(B, C, T)`.
        steps: number of calls of `predict`.
        eta: fresh noise of each step; 0 is deterministic.
        sigma_max: time to start from; 1 is pure noise.
        generator: source of the fresh noise.

    Returns:
        `(B, C, T)`
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    times = torch.linspace(sigma_max, 0, steps + 1)[:-1]
    alphas, sigmas = torch.cos(times * math.pi / 2), torch.sin(times * math.pi / 2)
    x, signal = noise, noise
    for i in range(steps):
        velocity = predict(x, times[i] * x.new_ones(len(x)))
        signal, residue = x * alphas[i] - velocity * sigmas[i], x * sigmas[i] + velocity * alphas[i]
        if i + 1 < steps:
            ratio = sigmas[i + 1] ** 2 / sigmas[i] ** 2
            fresh = eta * ratio.sqrt() * (1 - alphas[i] ** 2 / alphas[i + 1] ** 2).sqrt()
            x = signal * alphas[i + 1] + residue * (sigmas[i + 1] ** 2 - fresh**2).sqrt()
            if eta:
                x = x + fresh * gaussian(x.new_empty(x.shape), generator)
    return signal
