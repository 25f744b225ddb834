"""Blocks of the Oobleck encoder and decoder (Stable Audio, Evans et al. 2024; stable-audio-tools)."""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from narrows.models.blocks.activations import activation
from narrows.models.blocks.convolutions import downsampling_conv1d, upsampling_conv1d, weight_norm_conv1d
from narrows.models.receptive_field import INPUT, Chain, Sum


class ResidualUnit(nn.Module):
    """Two convolutions, one of them dilated, around a skip connection.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    structure = Sum(INPUT, "layers")

    # `layers` and the index of each layer are part of the checkpoint format, here and below.
    def __init__(self, channels: int, dilation: int, snake: bool, antialias: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            activation(channels, snake, antialias),
            weight_norm_conv1d(channels, channels, 7, dilation=dilation, padding=3 * dilation),
            activation(channels, snake, antialias),
            weight_norm_conv1d(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Add the convolutions to the input."""
        out: Tensor = x + self.layers(x)
        return out


def residual_units(channels: int, snake: bool, antialias: bool) -> list[nn.Module]:
    """Three residual units of dilation 1, 3 and 9."""
    return [ResidualUnit(channels, dilation, snake, antialias) for dilation in (1, 3, 9)]


class EncoderBlock(nn.Module):
    """Residual units, then a strided convolution.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T / stride)`
    """

    structure = Chain("layers")

    def __init__(
        self, in_channels: int, out_channels: int, stride: int, snake: bool, antialias: bool, exact: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *residual_units(in_channels, snake, antialias),
            activation(in_channels, snake, antialias),
            downsampling_conv1d(in_channels, out_channels, stride, exact),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Downsample."""
        out: Tensor = self.layers(x)
        return out


class DecoderBlock(nn.Module):
    """An upsampling convolution, then residual units.

    Shape:
        `(B, C_in, L)` → `(B, C_out, L * stride)`
    """

    structure = Chain("layers")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int,
        snake: bool,
        antialias: bool,
        nearest: bool,
        exact: bool = False,
    ) -> None:
        super().__init__()
        upsample = _nearest if nearest else partial(upsampling_conv1d, exact=exact)
        self.layers = nn.Sequential(
            activation(in_channels, snake, antialias),
            upsample(in_channels, out_channels, stride),
            # As in the reference, and so in its trained weights, anti-aliasing does not reach the residual units.
            *residual_units(out_channels, snake, antialias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Upsample."""
        out: Tensor = self.layers(x)
        return out


def _nearest(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    kernel = 2 * stride
    left = (kernel - 1) // 2
    repeat_and_pad = nn.Sequential(nn.Upsample(scale_factor=stride), nn.ZeroPad1d((left, kernel - 1 - left)))
    return nn.Sequential(repeat_and_pad, weight_norm_conv1d(in_channels, out_channels, kernel, bias=False))
