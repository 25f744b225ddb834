"""Fourier features of the time of a diffusion."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from narrows.models.kernels import Kernel, product


class FourierFeatures(nn.Module):
    """Cosines and sines at learned frequencies (Tancik et al. 2020).

    Args:
        count: features; even.
        std: standard deviation of the initial frequencies.

    Shape:
        `(B,)` → `(B, count)`
    """

    # `weight` is part of the checkpoint format.
    def __init__(self, count: int, std: float = 1.0) -> None:
        super().__init__()
        if count % 2:
            raise ValueError(f"The number of Fourier features must be even, got {count}")
        self.weight = nn.Parameter(torch.randn(count // 2, 1) * std)

    def kernels(self) -> list[Kernel]:
        """See `narrows.models.kernels`."""
        return [product(1, len(self.weight))]

    def forward(self, t: Tensor) -> Tensor:
        """Features of times."""
        angles = 2 * math.pi * t[:, None] @ self.weight.T
        return torch.cat((angles.cos(), angles.sin()), dim=-1)


class ExponentialFourierFeatures(nn.Module):
    """Cosines and sines at frequencies that grow exponentially (Stable Audio 3), computed in float32.

    Args:
        count: features; even.
        lowest: lowest frequency, in periods over the range of t.
        highest: highest frequency.

    Shape:
        `(B,)` → `(B, count)`
    """

    def __init__(self, count: int, lowest: float = 0.5, highest: float = 10000.0) -> None:
        super().__init__()
        if count % 2:
            raise ValueError(f"The number of Fourier features must be even, got {count}")
        self.count, self.lowest, self.highest = count, lowest, highest

    def forward(self, t: Tensor) -> Tensor:
        """Features of times."""
        ramp = torch.linspace(0, 1, self.count // 2, device=t.device)
        frequencies = torch.exp(ramp * math.log(self.highest / self.lowest) + math.log(self.lowest))
        angles = 2 * math.pi * t.float()[:, None] * frequencies
        return torch.cat((angles.cos(), angles.sin()), dim=-1).to(t.dtype)
