"""Band-limited resampling by windowed-sinc interpolation (Smith 2020; the defaults of torchaudio's Resample)."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.receptive_field import ReceptiveField, chain, convolution, unframes


def sinc_kernel(old: int, new: int, zeros: int = 6, rolloff: float = 0.99) -> tuple[Tensor, int]:
    """Filters of the `new` samples that stand for `old` samples, with a Hann window.

    Args:
        old: sample rate of the input, `old` and `new` without common factor.
        new: sample rate of the output.
        zeros: zero crossings of the sinc on each side.
        rolloff: cut-off as a fraction of the lower of the two Nyquist frequencies.

    Returns:
        Filters `(new, 1, old + 2 * width)`, and the margin `width` they need on each side.
    """
    base = min(old, new) * rolloff
    width = math.ceil(zeros * old / base)
    samples = torch.arange(-width, width + old, dtype=torch.float64) / old
    time = torch.arange(0, -new, -1, dtype=torch.float64)[:, None, None] / new + samples
    time = (time * base).clamp(-zeros, zeros)
    window = torch.cos(time * math.pi / zeros / 2) ** 2
    return (torch.sinc(time) * window * base / old).float(), width


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

    # `kernel` stands in checkpoints.
    def __init__(self, old: int, new: int) -> None:
        super().__init__()
        divisor = math.gcd(old, new)
        self.old, self.new = old // divisor, new // divisor
        kernel, self.width = sinc_kernel(self.old, self.new)
        self.register_buffer("kernel", kernel)

    def forward(self, x: Tensor) -> Tensor:
        """Resample the last axis."""
        batch, channels, length = x.shape
        padded = F.pad(x.reshape(-1, 1, length), (self.width, self.width + self.old))
        phases = F.conv1d(padded, self.kernel, stride=self.old)
        resampled = phases.transpose(1, 2).reshape(batch, channels, -1)
        return resampled[..., : math.ceil(self.new * length / self.old)]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.streaming`."""
        taps = self.kernel.shape[-1]
        return chain(convolution(taps, self.old, pad=self.width), unframes(self.new))
