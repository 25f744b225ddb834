"""The shift of Esser et al. (2024): towards noise for longer sequences, linear in the length.

As in stable-audio-tools, which may bend the result by a sine.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.configs import FullShiftConfig
from narrows.models.diffusion.shifts import build_shift
from narrows.models.diffusion.shifts.base import ShiftError, checked_length


class FullShift:
    """`t / (1 - t)` multiplied by the exponential of a shift that grows from one length to another.

    Args:
        base_shift: at `min_length` and below.
        max_shift: at `max_length` and above.
        max_length: in latent frames.
        min_length: in latent frames.
        use_sine: the result is the sine of the shifted time as an angle, 1 being the right angle.
    """

    def __init__(
        self,
        base_shift: float = 0.5,
        max_shift: float = 1.15,
        max_length: int = 4096,
        min_length: int = 256,
        use_sine: bool = False,
    ) -> None:
        if max_length <= min_length:
            raise ShiftError(f"max_length must be greater than min_length {min_length}, got {max_length}")
        self.base_shift, self.max_shift = base_shift, max_shift
        self.max_length, self.min_length = max_length, min_length
        self.use_sine = use_sine

    def factor(self, length: int) -> float:
        """What the ratio of noise to signal is multiplied by."""
        inside = min(max(checked_length(length), self.min_length), self.max_length)
        share = (inside - self.min_length) / (self.max_length - self.min_length)
        return math.exp(self.base_shift + (self.max_shift - self.base_shift) * share)

    def shift(self, time: Tensor, length: int) -> Tensor:
        """See `Shift`."""
        factor = self.factor(length)
        shifted = factor * time / (1 - time + factor * time)
        return torch.sin(shifted * math.pi / 2) if self.use_sine else shifted

    def unshift(self, time: Tensor, length: int) -> Tensor:
        """See `Shift`."""
        straight = torch.asin(time) / (math.pi / 2) if self.use_sine else time
        factor = self.factor(length)
        return straight / (straight + factor * (1 - straight))


@build_shift.register
def _(config: FullShiftConfig) -> FullShift:
    return FullShift(**config.model_dump(exclude={"type"}))
