"""Blocks of the Oobleck encoder and decoder (Stable Audio, Evans et al. 2024; stable-audio-tools)."""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from narrows.models.blocks.activations import activation
from narrows.models.blocks.convolutions import downsampling_conv1d, upsampling_conv1d, weight_norm_conv1d
from narrows.models.receptive_field import INPUT, LAYER, Chain, ReceptiveField, Sum, convolution, transposed


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
        antialias_units: bool = False,
    ) -> None:
        super().__init__()
        upsample = _nearest if nearest else partial(upsampling_conv1d, exact=exact)
        self.layers = nn.Sequential(
            activation(in_channels, snake, antialias),
            upsample(in_channels, out_channels, stride),
            # As in the reference, and so in its trained weights, `antialias` does not reach the residual units.
            *residual_units(out_channels, snake, antialias_units),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Upsample."""
        out: Tensor = self.layers(x)
        return out


class WithShortcut(nn.Module):
    """Layers around which there is a shortcut without weights.

    Args:
        layers: that change channels and rate.
        shortcut: what is added to their output.
    """

    structure = Sum("layers", "shortcut")

    def __init__(self, layers: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Add both."""
        out: Tensor = self.layers(x) + self.shortcut(x)
        return out


class AveragingShortcut(nn.Module):
    """Samples as channels, of which neighbouring ones are averaged (LongCat-AudioDiT, in diffusers).

    Shape:
        `(B, C_in, T)` → `(B, C_out, T / factor)`

    Raises:
        ValueError: the channels do not divide.
    """

    structure = LAYER

    def __init__(self, in_channels: int, out_channels: int, factor: int) -> None:
        super().__init__()
        if in_channels * factor % out_channels:
            raise ValueError(f"{in_channels} channels times {factor} do not divide into {out_channels} channels")
        self.out_channels, self.factor = out_channels, factor

    def forward(self, x: Tensor) -> Tensor:
        """Average."""
        batch, channels, length = x.shape
        frames = length // self.factor
        parts = x[..., : frames * self.factor].reshape(batch, channels, frames, self.factor).transpose(2, 3)
        return parts.reshape(batch, self.out_channels, -1, frames).mean(2)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return convolution(self.factor, self.factor)


class RepeatingShortcut(nn.Module):
    """Channels, repeated, as samples (LongCat-AudioDiT, in diffusers).

    Shape:
        `(B, C_in, L)` → `(B, C_out, L * factor)`

    Raises:
        ValueError: the channels do not divide.
    """

    structure = LAYER

    def __init__(self, in_channels: int, out_channels: int, factor: int) -> None:
        super().__init__()
        if out_channels * factor % in_channels:
            raise ValueError(f"{out_channels} channels times {factor} do not divide into {in_channels} channels")
        self.repeats, self.factor = out_channels * factor // in_channels, factor

    def forward(self, x: Tensor) -> Tensor:
        """Repeat."""
        batch, _, frames = x.shape
        wide = x.repeat_interleave(self.repeats, dim=1).reshape(batch, -1, self.factor, frames)
        return wide.transpose(2, 3).reshape(batch, -1, frames * self.factor)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return transposed(self.factor, self.factor)


def _nearest(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    kernel = 2 * stride
    left = (kernel - 1) // 2
    repeat_and_pad = nn.Sequential(nn.Upsample(scale_factor=stride), nn.ZeroPad1d((left, kernel - 1 - left)))
    return nn.Sequential(repeat_and_pad, weight_norm_conv1d(in_channels, out_channels, kernel, bias=False))
