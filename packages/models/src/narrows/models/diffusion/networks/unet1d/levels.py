"""The levels of the U-Net: down, in the middle, and up."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from narrows.models.diffusion.networks.unet1d.attention import AttentionOptions, Transformer1d
from narrows.models.diffusion.networks.unet1d.convolutions import downsampling, upsampling
from narrows.models.diffusion.networks.unet1d.residual import ResnetBlock


@dataclass(frozen=True)
class Call:
    """Conditioning inputs of every level."""

    mapping: Tensor | None = None
    """`(B, M)`: time and features."""
    context: Tensor | None = None
    """`(B, N, context_embedding_features)`, attended to."""
    context_mask: Tensor | None = None
    """`(B, N)`, false for tokens that are zeroed."""
    causal: bool = False
    """Convolutions and attention see no later frame; changes of the rate do, as in the reference."""


@dataclass(frozen=True)
class LevelOptions:
    """Options that all levels share."""

    groups: int
    mapping_features: int | None
    attention: AttentionOptions

    def block(self, in_channels: int, out_channels: int) -> ResnetBlock:
        """A residual block."""
        return ResnetBlock(in_channels, out_channels, self.groups, self.mapping_features)

    def transformer(self, layers: int, channels: int) -> Transformer1d | None:
        """Transformer blocks, if any."""
        return Transformer1d(layers, channels, self.attention) if layers else None


class DownLevel(nn.Module):
    """Downsample, join channels, convolve and attend; keeps the skip connections of the way up."""

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        factor: int,
        kernel_multiplier: int,
        blocks: int,
        layers: int,
        context_channels: int,
        options: LevelOptions,
    ) -> None:
        super().__init__()
        self.downsample = downsampling(in_channels, out_channels, factor, kernel_multiplier)
        self.blocks = nn.ModuleList(
            options.block(out_channels + (0 if i else context_channels), out_channels) for i in range(blocks)
        )
        self.transformer = options.transformer(layers, out_channels)

    def forward(self, x: Tensor, channels: Tensor | None, call: Call) -> tuple[Tensor, list[Tensor]]:
        """`(B, C_in, T)` → `(B, C_out, T / factor)`, and the output of each block."""
        x = self.downsample(x)
        if channels is not None:
            x = torch.cat((x, channels), dim=1)
        skips = []
        for block in self.blocks:
            x = block(x, call.mapping, call.causal)
            skips.append(x)
        if self.transformer is not None:
            x = self.transformer(x, call.context, call.context_mask, call.causal)
            skips.append(x)
        return x, skips


class MiddleLevel(nn.Module):
    """Convolve, attend and convolve at the lowest rate."""

    def __init__(self, channels: int, layers: int, options: LevelOptions) -> None:
        super().__init__()
        self.pre_block = options.block(channels, channels)
        self.transformer = options.transformer(layers, channels)
        self.post_block = options.block(channels, channels)

    def forward(self, x: Tensor, call: Call) -> Tensor:
        """`(B, C, T)` → `(B, C, T)`."""
        x = self.pre_block(x, call.mapping, call.causal)
        if self.transformer is not None:
            x = self.transformer(x, call.context, call.context_mask, call.causal)
        out: Tensor = self.post_block(x, call.mapping, call.causal)
        return out


class UpLevel(nn.Module):
    """Convolve with the skip connections of the way down, attend and upsample."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        factor: int,
        nearest: bool,
        blocks: int,
        layers: int,
        skip_scale: float,
        options: LevelOptions,
    ) -> None:
        super().__init__()
        self.skip_scale = skip_scale
        self.blocks = nn.ModuleList(options.block(2 * in_channels, in_channels) for _ in range(blocks))
        self.transformer = options.transformer(layers, in_channels)
        self.upsample = upsampling(in_channels, out_channels, factor, nearest)

    def forward(self, x: Tensor, skips: list[Tensor], call: Call) -> Tensor:
        """`(B, C_in, T)` → `(B, C_out, T * factor)`; the last skip first."""
        for block, skip in zip(self.blocks, reversed(skips), strict=True):
            x = block(torch.cat((x, skip * self.skip_scale), dim=1), call.mapping, call.causal)
        if self.transformer is not None:
            x = self.transformer(x, call.context, call.context_mask, call.causal)
        out: Tensor = self.upsample(x)
        return out
