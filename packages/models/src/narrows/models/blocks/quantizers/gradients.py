"""Gradients through a choice that has none.

Each function returns the quantized value bit for bit, so that what is decoded from tokens is exactly what was encoded,
and only the way back differs.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def straight_through(x: Tensor, quantized: Tensor) -> Tensor:
    """`quantized`, with the gradient copied to `x` (Bengio et al. 2013)."""
    return quantized.detach() + (x - x.detach())


def rotate(x: Tensor, quantized: Tensor) -> Tensor:
    """`quantized`, as a rotation and scaling of `x` that are constants on the way back (Fifty et al. 2024).

    Args:
        x: `(..., D)`.
        quantized: `(..., D)`.
    """
    target = quantized.detach()
    length, wanted = x.detach().norm(dim=-1, keepdim=True), target.norm(dim=-1, keepdim=True)
    start, end = x.detach() / length.clamp(min=1e-6), target / wanted.clamp(min=1e-6)
    middle = F.normalize(start + end, dim=-1)
    mirrored = x - 2 * (x * middle).sum(-1, keepdim=True) * middle + 2 * (x * start).sum(-1, keepdim=True) * end
    rotated = mirrored * (wanted / length.clamp(min=1e-6))
    return straight_through(rotated, quantized)


def round_through(x: Tensor) -> Tensor:
    """`x.round()`, with the gradient of `x`."""
    return straight_through(x, x.round())


def floor_through(x: Tensor) -> Tensor:
    """`x.floor()`, with the gradient of `x`."""
    return straight_through(x, x.floor())
