"""Options of all layers of a two-dimensional SEANet (EulerAudioBackbone; after EnCodec, Défossez et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, parallel, pointwise
from narrows.models.spectral.modules.activations import activation
from narrows.models.spectral.modules.convolutions import PaddedConv
from narrows.models.spectral.modules.norms import Norm
from narrows.models.spectral.modules.padding import PadMode
from narrows.models.spectral.modules.sequence import sequence_model

SequenceName = Literal["lstm", "transformer", "none"]


@dataclass(frozen=True)
class Seanet2dOptions:
    """The options that all layers of an encoder or decoder share."""

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
    seq_model: SequenceName = "lstm"
    seq_layer_num: int = 2
    res_seq: bool = True
    conv_group_ratio: int = -1
    is_complex: bool = False

    def act(self, channels: int) -> nn.Module:
        """A new activation."""
        return activation(self.activation, channels, self.is_complex, self.activation_params)

    @property
    def norms(self) -> dict[str, Any]:
        """Options of the convolutions of both directions."""
        return {
            "norm": self.norm,
            "norm_params": self.norm_params,
            "causal": self.causal,
            "is_complex": self.is_complex,
        }

    def conv(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Sequence[int],
        stride: Sequence[int] | None = None,
        dilation: Sequence[int] | None = None,
        groups: int = 1,
    ) -> PaddedConv:
        """A convolution with the shared options."""
        shared: dict[str, Any] = {**self.norms, "pad_mode": self.pad_mode}
        return PaddedConv(in_channels, out_channels, kernel, stride, dilation, groups, **shared)

    def groups(self, channels: int) -> int:
        """Groups of a convolution whose narrower side has so many channels."""
        return groups(channels, self.conv_group_ratio)

    def residual_units(self, channels: int) -> list[nn.Module]:
        """The residual units of a stage."""
        return [ResidualUnit(channels, self.dilation_base**index, self) for index in range(self.n_residual_layers)]

    def sequence(self, channels: int) -> list[nn.Module]:
        """The sequence model over time, if there is one."""
        if self.seq_model == "none":
            return []
        options = {"causal": self.causal, "skip": self.res_seq, "is_complex": self.is_complex}
        return [sequence_model(self.seq_model, channels, self.seq_layer_num, **options)]


class ResidualUnit(nn.Module):
    """A dilated and a pointwise convolution, of a narrower width in between, around a skip connection.

    Shape:
        `(B, C, F, T)` → `(B, C, F, T)`
    """

    # `block`, `shortcut` and the index of each layer are part of the checkpoint format.
    def __init__(self, channels: int, dilation: int, style: Seanet2dOptions) -> None:
        super().__init__()
        hidden = channels // style.compress
        if not hidden:
            raise ValueError(f"compress {style.compress} leaves nothing of {channels} channels; at most {channels}")
        kernel, grouped = style.residual_kernel_size, style.groups(min(channels, hidden))
        self.block = nn.Sequential(
            style.act(channels),
            style.conv(channels, hidden, (kernel, kernel), dilation=(1, dilation), groups=grouped),
            style.act(hidden),
            style.conv(hidden, channels, (1, 1), groups=grouped),
        )
        self.shortcut: nn.Module = nn.Identity()
        if not style.true_skip:
            self.shortcut = style.conv(channels, channels, (1, 1), groups=style.groups(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Add the convolutions to the skip connection."""
        out: Tensor = self.shortcut(x) + self.block(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return parallel(self.shortcut, self.block)


class PackFrequency(nn.Module):
    """Frequency bins as channels: `(B, C, F, T)` → `(B, C * F, T)`.

    Args:
        bins: how many there must be.
    """

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.bins = bins

    def forward(self, x: Tensor) -> Tensor:
        """Reshape."""
        if x.shape[2] != self.bins:
            raise ValueError(f"The ratios leave {x.shape[2]} frequency bins, but latent_fbins is {self.bins}")
        return x.flatten(1, 2)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


class UnpackFrequency(PackFrequency):
    """Channels as frequency bins: `(B, C * F, T)` → `(B, C, F, T)`."""

    def forward(self, x: Tensor) -> Tensor:
        """Reshape."""
        return torch.unflatten(x, 1, (-1, self.bins))


def groups(channels: int, ratio: int) -> int:
    """Groups of a convolution: channels over twice the ratio; a ratio of -1 makes one group."""
    return max(1, channels // 2 // ratio) if ratio > 0 else 1
