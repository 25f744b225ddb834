"""What metrics take: a reference and an estimate, `(C, T)` each."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Metric = Callable[[Tensor, Tensor, int], float]
"""Of reference `(C, T)`, estimate `(C, T)` and sample rate in Hz."""


def pair(reference: Tensor, estimate: Tensor) -> tuple[Tensor, Tensor]:
    """Both signals in double precision on the CPU, without gradient.

    Raises:
        ValueError: they are not of one shape `(channels, samples)`, or hold no samples.
    """
    if reference.shape != estimate.shape or reference.dim() != 2 or reference.numel() == 0:
        shapes = f"{tuple(reference.shape)} and {tuple(estimate.shape)}"
        raise ValueError(f"A metric compares two signals of one shape (channels, samples), got {shapes}")
    return reference.detach().double().cpu(), estimate.detach().double().cpu()


def at_least(x: Tensor, samples: int) -> Tensor:
    """The signal with zeros at its end, where it is shorter than an analysis needs."""
    missing = samples - x.shape[-1]
    return F.pad(x, (0, missing)) if missing > 0 else x


def mono(x: Tensor) -> Tensor:
    """Mean of the channels: `(C, T)` → `(T,)`."""
    return torch.mean(x, dim=0)
