"""The embedding of the time in the U-Net."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LearnedFrequencies(nn.Module):
    """The time itself, and its sines and cosines at learned frequencies.

    Args:
        count: sines and cosines; even.

    Shape:
        `(B,)` → `(B, count + 1)`
    """

    # `weights` is part of the checkpoint format.
    def __init__(self, count: int) -> None:
        super().__init__()
        if count % 2:
            raise ValueError(f"channels must be even where the time is embedded, got {count}")
        self.weights = nn.Parameter(torch.randn(count // 2))

    def forward(self, t: Tensor) -> Tensor:
        """Embed times, computed in float32: half precision rounds away what tells late times apart."""
        t = t.float()
        angles = t[:, None] * self.weights.float() * 2 * math.pi
        return torch.cat((t[:, None], angles.sin(), angles.cos()), dim=-1).to(self.weights.dtype)


def time_embedding(count: int, features: int) -> nn.Sequential:
    """From `(B,)` to `(B, features)`."""
    return nn.Sequential(nn.Sequential(LearnedFrequencies(count), nn.Linear(count + 1, features)), nn.GELU())
