"""Blocks of the Descript Audio Codec (Kumar et al. 2023, arXiv 2306.06546; descript-audio-codec 1.0.0)."""

from __future__ import annotations

from torch import Tensor, nn

from narrows.models.blocks.activations import Snake
from narrows.models.blocks.convolutions import downsampling_conv1d, upsampling_conv1d, weight_norm_conv1d
from narrows.models.receptive_field import INPUT, Chain, Sum


class ResidualUnit(nn.Module):
    """Two convolutions, one of them dilated, around a skip connection.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    structure = Sum(INPUT, "block")

    # `block` and the index of each layer are part of the checkpoint format, here and below.
    def __init__(self, channels: int, dilation: int, groups: int = 1) -> None:
        super().__init__()
        self.block = nn.Sequential(
            Snake(channels),
            weight_norm_conv1d(channels, channels, 7, dilation=dilation, padding=3 * dilation, groups=groups),
            Snake(channels),
            weight_norm_conv1d(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Add the convolutions to the input."""
        out: Tensor = x + self.block(x)
        return out


def residual_units(channels: int, groups: int = 1) -> list[nn.Module]:
    """The residual units of a stage; `groups` of their dilated convolutions."""
    return [ResidualUnit(channels, dilation, groups) for dilation in (1, 3, 9)]


class EncoderBlock(nn.Module):
    """Residual units, then a strided convolution that doubles the width.

    Shape:
        `(B, C / 2, T)` → `(B, C, T / stride)`; see `downsampling_conv1d` for the exact length
    """

    structure = Chain("block")

    def __init__(self, channels: int, stride: int, exact: bool) -> None:
        super().__init__()
        narrow = channels // 2
        self.block = nn.Sequential(
            *residual_units(narrow), Snake(narrow), downsampling_conv1d(narrow, channels, stride, exact)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Downsample."""
        out: Tensor = self.block(x)
        return out


class DecoderBlock(nn.Module):
    """An upsampling convolution, then residual units.

    Shape:
        `(B, C_in, L)` → `(B, C_out, L * stride)`; see `upsampling_conv1d` for the exact length
    """

    structure = Chain("block")

    def __init__(self, in_channels: int, out_channels: int, stride: int, exact: bool) -> None:
        super().__init__()
        self.block = nn.Sequential(
            Snake(in_channels),
            upsampling_conv1d(in_channels, out_channels, stride, exact),
            *residual_units(out_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Upsample."""
        out: Tensor = self.block(x)
        return out
