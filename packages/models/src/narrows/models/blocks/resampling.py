"""Band-limited resampling by windowed-sinc interpolation, as a module."""

from __future__ import annotations

import math
from typing import ClassVar

from torch import Tensor, nn

from narrows.audio.sinc import filter_phases, sinc_kernel
from narrows.models.receptive_field import ReceptiveField, chain, convolution, unframes


class Resample(nn.Module):
    """Resample by a ratio of two integers.

    Args:
        old: sample rate of the input.
        new: sample rate of the output.

    Shape:
        `(B, C, T)` → `(B, C, ceil(T * new / old))`
    """

    kernel: Tensor
    constants: ClassVar[frozenset[str]] = frozenset({"kernel"})

    # `kernel` is part of the checkpoint format.
    def __init__(self, old: int, new: int) -> None:
        super().__init__()
        divisor = math.gcd(old, new)
        self.old, self.new = old // divisor, new // divisor
        kernel, self.width = sinc_kernel(self.old, self.new)
        self.register_buffer("kernel", kernel.float())

    def forward(self, x: Tensor) -> Tensor:
        """Resample the last axis."""
        return filter_phases(x, self.kernel, self.width)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        taps = self.kernel.shape[-1]
        return chain(convolution(taps, self.old, pad=self.width), unframes(self.new))
