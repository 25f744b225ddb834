"""The shift of Flux and Stable Diffusion 3: a factor between two lengths, interpolated in the logarithm of both.

After stable-audio-3.
"""

from __future__ import annotations

import math

from torch import Tensor

from narrows.configs import FluxShiftConfig
from narrows.models.diffusion.shifts import build_shift
from narrows.models.diffusion.shifts.base import ShiftError, checked_length


class FluxShift:
    """`alpha t / (1 + (alpha - 1) t)`.

    Args:
        min_length: in latent frames.
        max_length: in latent frames.
        alpha_min: at `min_length` and below; 1 leaves the times as they are, more moves them towards noise.
        alpha_max: at `max_length` and above.
    """

    def __init__(
        self, min_length: int = 256, max_length: int = 4096, alpha_min: float = 1.0, alpha_max: float = 1.0
    ) -> None:
        if max_length <= min_length:
            raise ShiftError(f"max_length must be greater than min_length {min_length}, got {max_length}")
        if alpha_min <= 0 or alpha_max <= 0:
            raise ShiftError(f"alpha_min and alpha_max must be positive, got {alpha_min} and {alpha_max}")
        self.min_length, self.max_length = min_length, max_length
        self.alpha_min, self.alpha_max = alpha_min, alpha_max

    def alpha(self, length: int) -> float:
        """The factor at a length."""
        inside = min(max(checked_length(length), self.min_length), self.max_length)
        share = math.log(inside / self.min_length) / math.log(self.max_length / self.min_length)
        low, high = math.log(self.alpha_min), math.log(self.alpha_max)
        return math.exp(low + share * (high - low))

    def shift(self, time: Tensor, length: int) -> Tensor:
        """See `Shift`."""
        alpha = self.alpha(length)
        return alpha * time / (1 + (alpha - 1) * time)

    def unshift(self, time: Tensor, length: int) -> Tensor:
        """See `Shift`."""
        alpha = self.alpha(length)
        return time / (alpha - (alpha - 1) * time)


@build_shift.register
def _(config: FluxShiftConfig) -> FluxShift:
    return FluxShift(**config.model_dump(exclude={"type"}))
