"""What quantizers add to the training loss, and the frames that count in it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def counted(x: Tensor, mask: Tensor | None) -> Tensor:
    """All frames where a mask is true, below each other: `(B, L, ...)` → `(R, ...)`."""
    return x.flatten(0, 1) if mask is None else x[mask]


def masked_mean(x: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over everything, or over the frames where a mask is true.

    Padding is replaced before it is summed, so that not even its infinities reach value or gradient.

    Args:
        x: `(B, L, ...)`.
        mask: `(B, L)`.
    """
    if mask is None:
        return x.mean()
    weight = mask.reshape(*mask.shape, *[1] * (x.dim() - 2)).expand_as(x)
    return torch.where(weight, x, 0).sum() / weight.sum().clamp(min=1)


def entropy(probabilities: Tensor, eps: float = 1e-5) -> Tensor:
    """Entropy of the last axis, in nats."""
    return -(probabilities * torch.log(probabilities.clamp(min=eps))).sum(-1)


def orthogonality(codes: Tensor) -> Tensor:
    """How far codes `(N, D)` are from orthogonal: mean squared cosine, less its diagonal (arXiv 2112.00384, eq. 2)."""
    unit = F.normalize(codes, dim=-1)
    return ((unit @ unit.t()) ** 2).sum() / len(codes) ** 2 - 1 / len(codes)
