"""Blocks of SEANet (Tagliasacchi et al. 2020; EnCodec, Défossez et al. 2022, arXiv 2210.13438; encodec 0.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from narrows.models.blocks.activations import torch_activation
from narrows.models.blocks.padded_convolutions import Norm, PaddedConv1d, PadMode
from narrows.models.receptive_field import Sum


@dataclass(frozen=True)
class SeanetOptions:
    """Options that all layers of a SEANet share."""

    activation: str = "ELU"
    activation_params: Mapping[str, Any] | None = None
    norm: Norm = "weight_norm"
    norm_params: Mapping[str, Any] = field(default_factory=dict)
    causal: bool = False
    pad_mode: PadMode = "reflect"
    n_residual_layers: int = 1
    residual_kernel_size: int = 3
    dilation_base: int = 2
    true_skip: bool = False
    compress: int = 2

    def act(self) -> nn.Module:
        """A new activation."""
        return torch_activation(self.activation, self.activation_params)

    def conv(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, dilation: int = 1
    ) -> PaddedConv1d:
        """A convolution with the shared options."""
        shared: dict[str, Any] = {**self.norms, "causal": self.causal, "pad_mode": self.pad_mode}
        return PaddedConv1d(in_channels, out_channels, kernel_size, stride, dilation, **shared)

    @property
    def norms(self) -> dict[str, Any]:
        """The options of normalisation."""
        return {"norm": self.norm, "norm_params": self.norm_params}

    def residual_units(self, channels: int) -> list[nn.Module]:
        """The residual units of a stage."""
        return [ResidualUnit(channels, self.dilation_base**index, self) for index in range(self.n_residual_layers)]


class ResidualUnit(nn.Module):
    """A dilated and a pointwise convolution, of a narrower width in between, around a skip connection.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    structure = Sum("shortcut", "block")

    # `block`, `shortcut` and the index of each layer are part of the checkpoint format.
    def __init__(self, channels: int, dilation: int, style: SeanetOptions) -> None:
        super().__init__()
        hidden = channels // style.compress
        if not hidden:
            raise ValueError(f"compress {style.compress} leaves nothing of {channels} channels; at most {channels}")
        self.block = nn.Sequential(
            style.act(),
            style.conv(channels, hidden, style.residual_kernel_size, dilation=dilation),
            style.act(),
            style.conv(hidden, channels, 1),
        )
        self.shortcut = nn.Identity() if style.true_skip else style.conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Add the convolutions to the skip connection."""
        out: Tensor = self.shortcut(x) + self.block(x)
        return out
