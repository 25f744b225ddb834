"""Rotary position embedding (Su et al. 2021, arXiv 2104.09864)."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn


def inverse_frequencies(dim: int, base: float = 10000.0, device: torch.device | None = None) -> Tensor:
    """Radians a position, one for each pair of features: `(dim / 2,)`."""
    return 1.0 / base ** (torch.arange(0, dim, 2, device=device).float() / dim)


class RotaryEmbedding(nn.Module):
    """Angles by which positions rotate pairs of features.

    Args:
        dim: features that are rotated; the others of a head stay as they are.
    """

    inv_freq: Tensor
    constants: ClassVar[frozenset[str]] = frozenset({"inv_freq"})

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.register_buffer("inv_freq", inverse_frequencies(dim))

    def forward(self, length: int, start: int = 0) -> Tensor:
        """Angles of the positions `start` to `length - 1`: `(N, dim)`; see `at`."""
        return self.at(torch.arange(start, length, device=self.inv_freq.device, dtype=self._wide()))

    def at(self, positions: Tensor) -> Tensor:
        """Angles of positions `(N,)`: `(N, dim)`, in float32 and below a whole turn.

        Far positions have large angles, of which float32 keeps too few digits after the point: attention would then
        depend on where in a clip it happens, and chunks could not equal the whole.
        """
        inv_freq = self.inv_freq
        if inv_freq.dtype != torch.float32:  # a model cast to half precision: rounded frequencies drift with position
            inv_freq = inverse_frequencies(self.dim, device=inv_freq.device)
        wide = self._wide()
        angles = (positions.to(wide)[:, None] * inv_freq.to(wide)).remainder(2 * math.pi).float()
        return torch.cat((angles, angles), dim=-1)

    def _wide(self) -> torch.dtype:
        return torch.float32 if self.inv_freq.device.type == "mps" else torch.float64  # which MPS lacks


def apply_rotary(x: Tensor, angles: Tensor) -> Tensor:
    """Rotate the first features of each head, in float32.

    Args:
        x: `(..., N, F)`.
        angles: `(N, R)` with R at most F; feature i pairs with feature i + R / 2.
    """
    size = angles.shape[-1]
    if size > x.shape[-1]:
        raise ValueError(f"The rotary embedding covers {size} features but a head has {x.shape[-1]}; use wider heads")
    # Split rather than sliced: the gradient is then put together once, not added up from padded parts.
    widths = (size // 2, size // 2, x.shape[-1] - size)
    first, second, rest = x.split(widths, dim=-1)  # type: ignore[no-untyped-call]
    (cos, cos_second), (sin, sin_second) = angles.cos().chunk(2, dim=-1), angles.sin().chunk(2, dim=-1)
    wide, wide_second = first.float(), second.float()
    turned = wide * cos - wide_second * sin, wide_second * cos_second + wide * sin_second
    return torch.cat((*(part.to(x.dtype) for part in turned), rest), dim=-1)
