"""Weight-normalised convolutions, and those that change the sample rate.

The new parametrization API is used in modules, because such modules can be deep-copied; state dicts keep the old
spelling (`weight_g`, `weight_v`), which `narrows.models.checkpoints.names` maps in both directions.
"""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from narrows.models.receptive_field import LAYER, ReceptiveField, convolution, transposed


def weight_norm_conv1d(*args: Any, **kwargs: Any) -> nn.Conv1d:
    """`nn.Conv1d` with weight normalisation (Salimans & Kingma 2016)."""
    return weight_norm(nn.Conv1d(*args, **kwargs))  # type: ignore[no-any-return]


def weight_norm_conv_transpose1d(*args: Any, **kwargs: Any) -> nn.ConvTranspose1d:
    """`nn.ConvTranspose1d` with weight normalisation; the norm is over all axes but the first, the input channels."""
    return weight_norm(nn.ConvTranspose1d(*args, **kwargs))  # type: ignore[no-any-return]


def downsampling_conv1d(in_channels: int, out_channels: int, stride: int, exact: bool = False) -> nn.Module:
    """A convolution by twice its stride.

    The references pad by half of the stride on both sides, rounded up: `(B, C, T)` → `(B, C', floor((T + stride % 2) /
    stride))`, one frame more than wanted at stride 1. With `exact` the padding is the stride in total, and the output
    has `floor(T / stride)` frames, the same ones as before wherever both have them.
    """
    if exact:
        return weight_norm(ExactDownsampling(in_channels, out_channels, 2 * stride, stride))  # type: ignore[no-any-return]
    padding = math.ceil(stride / 2)
    return weight_norm_conv1d(in_channels, out_channels, 2 * stride, stride=stride, padding=padding)


def upsampling_conv1d(in_channels: int, out_channels: int, stride: int, exact: bool = False) -> nn.Module:
    """A transposed convolution by twice its stride.

    The references cut half of the stride off both sides, rounded up: `(B, C, L)` → `(B, C', L * stride - stride % 2)`,
    one sample too few for odd strides. With `exact` the output has `L * stride` samples, of which all but the last of
    an odd stride are the same.
    """
    if exact:
        return weight_norm(ExactUpsampling(in_channels, out_channels, 2 * stride, stride))  # type: ignore[no-any-return]
    padding = math.ceil(stride / 2)
    return weight_norm_conv_transpose1d(in_channels, out_channels, 2 * stride, stride=stride, padding=padding)


class ExactDownsampling(nn.Conv1d):
    """A strided convolution that pads by its stride in total."""

    structure = LAYER

    @property
    def pads(self) -> tuple[int, int]:
        """Samples padded before and after."""
        stride = self.stride[0]
        return stride - stride // 2, stride // 2

    def forward(self, x: Tensor) -> Tensor:
        """Pad and convolve."""
        return super().forward(F.pad(x, self.pads))

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        stride = self.stride[0]
        return convolution(2 * stride, stride, pad=stride - stride // 2)


class ExactUpsampling(nn.ConvTranspose1d):
    """A transposed convolution that loses its stride in total."""

    structure = LAYER

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Convolve and trim."""
        return self.trimmed(super().forward(x, output_size))

    def trimmed(self, full: Tensor) -> Tensor:
        """Without the surplus samples at both ends."""
        stride = self.stride[0]
        return full[..., stride - stride // 2 : full.shape[-1] - stride // 2]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        stride = self.stride[0]
        return transposed(2 * stride, stride, trim=stride - stride // 2)
