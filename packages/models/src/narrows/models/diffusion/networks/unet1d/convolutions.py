"""Convolutions that keep lengths whatever the stride, and can be told to be causal call by call."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F


class PaddedConv1d(nn.Conv1d):
    """A convolution to `ceil(T / stride)` frames.

    Shape:
        `(B, C_in, T)` → `(B, C_out, ceil(T / stride))`
    """

    def forward(self, x: Tensor, causal: bool = False) -> Tensor:
        """Convolve; `causal` sees no later frame."""
        stride = self.stride[0]
        total = (self.kernel_size[0] - 1) * self.dilation[0] + 1 - stride
        right = 0 if causal else total // 2
        return super().forward(F.pad(x, (total - right, right + -x.shape[-1] % stride)))


class TrimmedConvTranspose1d(nn.ConvTranspose1d):
    """A transposed convolution to `T * stride` frames.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T * stride)`
    """

    def forward(self, x: Tensor, *args: Any) -> Tensor:
        """Convolve."""
        total = self.kernel_size[0] - self.stride[0]
        right = total // 2
        out = super().forward(x)
        return out[..., total - right : out.shape[-1] - right]


def downsampling(in_channels: int, out_channels: int, factor: int, kernel_multiplier: int) -> nn.Module:
    """A strided convolution."""
    if kernel_multiplier % 2:
        raise ValueError(f"kernel_multiplier_downsample must be even, got {kernel_multiplier}")
    return PaddedConv1d(in_channels, out_channels, factor * kernel_multiplier + 1, stride=factor)


def upsampling(in_channels: int, out_channels: int, factor: int, nearest: bool) -> nn.Module:
    """A transposed convolution, or repetition and a convolution."""
    if factor == 1:
        return PaddedConv1d(in_channels, out_channels, 3)
    if nearest:
        return nn.Sequential(nn.Upsample(scale_factor=factor), PaddedConv1d(in_channels, out_channels, 3))
    return TrimmedConvTranspose1d(in_channels, out_channels, factor * 2, stride=factor)
