"""A ConvNeXt discriminator of latents or features (Liu et al. 2022; stable-audio-tools, adversarial post-training)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import ConvNeXtARCDiscriminatorConfig
from narrows.losses.adversarial import objective
from narrows.losses.discriminators import Discriminator, Judgement, build_discriminator
from narrows.models.blocks.convolutions import weight_norm_conv1d


class ConvNeXtDiscriminator(Discriminator):
    """A ConvNeXt encoder whose output is the score. It offers no features to match.

    Args:
        in_channels: of the latents.
        loss_type: `lsgan`, `hinge` or `relativistic`.
        options: as of `ConvNeXtEncoder`.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, in_channels: int = 2, loss_type: str = "lsgan", **options: Any) -> None:
        super().__init__(objective(loss_type))
        self.encoder = ConvNeXtEncoder(in_channels, **options)

    def judge(self, x: Tensor) -> list[Judgement]:
        """Scores along time."""
        return [Judgement(self.encoder(x), [])]


class ConvNeXtEncoder(nn.Module):
    """Stages of ConvNeXt blocks, each ended by a strided convolution.

    Args:
        in_channels: of the input.
        channels: base width.
        latent_dim: output channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: downsampling of each stage.
        num_blocks: blocks of each stage; None for three each.
        conv_args: `kernel_size`, `mult` and `glu` of the blocks.
    """

    def __init__(
        self,
        in_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        num_blocks: Sequence[int] | None = None,
        conv_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        blocks = [3] * len(c_mults) if num_blocks is None else num_blocks
        widths = [channels, *(channels * mult for mult in c_mults)]
        stages = zip(pairwise(widths), strides, blocks, strict=True)
        self.proj_in = weight_norm_conv1d(in_channels, channels, 7, padding=3)
        self.layers = nn.Sequential(
            *(
                _Stage(wide_in, wide_out, stride, count, conv_args or {})
                for (wide_in, wide_out), stride, count in stages
            ),
            weight_norm_conv1d(widths[-1], latent_dim, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in_channels, L)` → `(B, latent_dim, L / prod(strides))`."""
        out: Tensor = self.layers(self.proj_in(x))
        return out


class _Stage(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int, count: int, args: dict[str, Any]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(ConvNeXtBlock(in_channels, **args) for _ in range(count))
        self.downsample = weight_norm_conv1d(
            in_channels, out_channels, 2 * stride, stride=stride, padding=math.ceil(stride / 2)
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        out: Tensor = self.downsample(x)
        return out


class ConvNeXtBlock(nn.Module):
    """A depthwise convolution and two pointwise ones around a skip connection.

    Args:
        dim: channels.
        kernel_size: of the depthwise convolution; odd.
        mult: inner width as a multiple of `dim`.
        glu: gate the inner channels.
    """

    def __init__(self, dim: int, kernel_size: int = 7, mult: int = 4, glu: bool = False) -> None:
        super().__init__()
        self.glu = glu
        self.dw_conv = weight_norm_conv1d(dim, dim, kernel_size, padding=kernel_size // 2, groups=dim)
        self.proj_up = weight_norm_conv1d(dim, dim * mult * (2 if glu else 1), 1)
        self.act = nn.SiLU() if glu else nn.GELU()
        self.proj_down = weight_norm_conv1d(dim * mult, dim, 1)
        # The block starts as the identity: a weight-normalised layer is zero when its gain is.
        nn.init.zeros_(self.proj_down.parametrizations.weight.original0)  # type: ignore[union-attr, arg-type]
        nn.init.zeros_(self.proj_down.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Add the convolutions to the input."""
        inner: Tensor = self.proj_up(self.dw_conv(x))
        if self.glu:
            inner, gate = inner.chunk(2, dim=1)
            inner = inner * torch.sigmoid(gate)
        out: Tensor = x + self.proj_down(self.act(inner))
        return out


@build_discriminator.register
def _(config: ConvNeXtARCDiscriminatorConfig, channels: int, sample_rate: int) -> ConvNeXtDiscriminator:
    # One score channel, as in the reference.
    return ConvNeXtDiscriminator(channels, latent_dim=1, **config.config.model_dump())
