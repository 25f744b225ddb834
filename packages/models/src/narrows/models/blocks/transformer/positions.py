"""Position embeddings that are added to tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AbsolutePositions(nn.Module):
    """A learned vector a position, scaled by the root of the width.

    Args:
        dim: width.
        max_length: positions that there are.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, dim: int, max_length: int) -> None:
        super().__init__()
        self.scale = dim**-0.5
        self.max_length = max_length
        self.emb = nn.Embedding(max_length, dim)

    def forward(self, length: int, start: int = 0) -> Tensor:
        """Embeddings of the positions `start` to `length - 1`: `(N, D)`."""
        if length > self.max_length:
            raise ValueError(
                f"A sequence of {length} tokens, prepended ones included, is longer than abs_pos_emb_max_length allows "
                f"({self.max_length} with memory tokens)"
            )
        positions: Tensor = self.emb.weight[start:length] * self.scale
        return positions

    def at(self, positions: Tensor) -> Tensor:
        """Embeddings of positions `(N,)`, all below `max_length`: `(N, D)`."""
        embedded: Tensor = self.emb(positions) * self.scale
        return embedded


class SinusoidalPositions(nn.Module):
    """Sines and cosines of the position (Vaswani et al. 2017) with a learned scale.

    Args:
        dim: width; even.
    """

    inv_freq: Tensor

    def __init__(self, dim: int, theta: float = 10000.0) -> None:
        super().__init__()
        if dim % 2:
            raise ValueError(f"Sinusoidal positions need an even width, got {dim}")
        self.scale = nn.Parameter(torch.full((1,), dim**-0.5))
        self.register_buffer("inv_freq", theta ** -(torch.arange(dim // 2).float() / (dim // 2)), persistent=False)

    def forward(self, length: int, start: int = 0) -> Tensor:
        """Embeddings of the positions `start` to `length - 1`: `(N, D)`."""
        return self.at(torch.arange(start, length, device=self.inv_freq.device))

    def at(self, positions: Tensor) -> Tensor:
        """Embeddings of positions `(N,)`: `(N, D)`."""
        angles = positions[:, None] * self.inv_freq
        return torch.cat((angles.sin(), angles.cos()), dim=-1) * self.scale
