"""Padding along one axis."""

from __future__ import annotations

from typing import Literal

from torch import Tensor
from torch.nn import functional as F

PadMode = Literal["reflect", "constant", "replicate", "circular"]


def pad_axis(x: Tensor, axis: int, before: int, after: int, mode: PadMode) -> Tensor:
    """Pad an axis, counted from the last; a signal too short for its reflection is first extended by zeros.

    Args:
        x: `(B, C, ...)`.
        axis: -1 for the last, -2 for the one before it.
        before: values in front.
        after: values behind.
        mode: what they are.
    """
    if not before and not after:
        return x
    extra = max(0, max(before, after) - x.shape[axis] + 1) if mode == "reflect" else 0
    rest = [0, 0] * (-axis - 1)
    padded = _pad(F.pad(x, [*rest, 0, extra]), [*rest, before, after], mode)
    return padded.narrow(axis, 0, padded.shape[axis] - extra)


def _pad(x: Tensor, widths: list[int], mode: PadMode) -> Tensor:
    # The modes other than zeros want as many widths as the tensor has axes behind batch and channels.
    widths = widths + [0] * (2 * (x.dim() - 2) - len(widths))
    return F.pad(x, widths, mode)
