"""Convolutions that pad themselves and normalise their weights or their output (EnCodec, Défossez et al. 2022)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from narrows.models.receptive_field import (
    LAYER,
    ReceptiveField,
    chain,
    convolution,
    obstacle,
    pointwise,
    transposed,
)

Norm = Literal["none", "weight_norm", "spectral_norm", "time_layer_norm", "layer_norm", "time_group_norm"]
PadMode = Literal["reflect", "constant", "replicate", "circular"]

# Arguments of the norms that have any.
NORM_PARAMS = {"layer_norm": ("eps", "elementwise_affine", "bias"), "time_group_norm": ("eps", "affine")}


class ConvLayerNorm(nn.LayerNorm):
    """Layer normalisation over the channels at each time.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise."""
        return super().forward(input.transpose(1, 2)).transpose(1, 2)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


class PaddedConv1d(nn.Module):
    """A convolution whose output has `ceil(T / stride)` frames.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: taps.
        stride: downsampling.
        dilation: distance of the taps; only 1 with a stride.
        norm: normalisation of the weights or of the output.
        norm_params: arguments of that normalisation.
        causal: pad at the start only, so that no output depends on a later input.
        pad_mode: what the ends are padded with.
        bias: whether a bias is added.

    Shape:
        `(B, C_in, T)` → `(B, C_out, ceil(T / stride))`
    """

    structure = LAYER

    # `conv.conv` and `conv.norm` are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        dilation: int = 1,
        *,
        norm: Norm = "none",
        norm_params: Mapping[str, Any] | None = None,
        causal: bool = False,
        pad_mode: PadMode = "reflect",
        bias: bool = True,
    ) -> None:
        super().__init__()
        convolution = nn.Conv1d(in_channels, out_channels, kernel_size, stride, dilation=dilation, bias=bias)
        self.conv = _normalised("conv", convolution, norm, norm_params, causal)
        self.stride = stride
        self.overlap = (kernel_size - 1) * dilation - (stride - 1)
        self.causal = causal
        self.pad_mode = pad_mode

    def forward(self, x: Tensor) -> Tensor:
        """Pad and convolve."""
        out: Tensor = self.conv(self.padded(x))
        return out

    @property
    def padded_by(self) -> nn.Module:
        """The sub-module that takes the padded signal."""
        return self.conv[0]

    def padded(self, x: Tensor) -> Tensor:
        """The signal with its padding."""
        return _pad(x, *self.pads(x.shape[-1]), self.pad_mode)

    def pads(self, length: int) -> tuple[int, int]:
        """Samples padded before and after a signal of `length` samples."""
        right = 0 if self.causal else self.overlap // 2
        return self.overlap - right, right + -length % self.stride

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        if self.pad_mode == "circular":
            return obstacle(self, "pads with the other end of the clip")
        right = 0 if self.causal else self.overlap // 2
        mirrored = self.overlap - right if self.pad_mode == "reflect" else 0
        inner: Any
        inner, *norm = self.conv
        taps, dilation = inner.kernel_size[0], inner.dilation[0]
        return chain(convolution(taps, self.stride, dilation, self.overlap - right, mirrored), *norm)


class TrimmedConvTranspose1d(nn.Module):
    """A transposed convolution whose output has `L * stride` samples.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: taps; at least the stride.
        stride: upsampling.
        norm: normalisation of the weights or of the output.
        norm_params: arguments of that normalisation.
        causal: whether `trim_right_ratio` applies; else both ends lose half of the surplus.
        trim_right_ratio: share of the surplus that is cut off at the end; 1 makes the convolution causal.
        groups: of channels that work apart.
        bias: whether a bias is added.

    Shape:
        `(B, C_in, L)` → `(B, C_out, L * stride)`
    """

    structure = LAYER

    # `convtr.convtr` and `convtr.norm` are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        *,
        norm: Norm = "none",
        norm_params: Mapping[str, Any] | None = None,
        causal: bool = False,
        trim_right_ratio: float = 1.0,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if not causal and trim_right_ratio != 1.0:
            raise ValueError(f"trim_right_ratio {trim_right_ratio} needs causal; leave it at 1 without")
        convolution = nn.ConvTranspose1d(in_channels, out_channels, kernel_size, stride, groups=groups, bias=bias)
        self.convtr = _normalised("convtr", convolution, norm, norm_params, causal)
        surplus = kernel_size - stride
        self.right = math.ceil(surplus * trim_right_ratio) if causal else surplus // 2
        self.left = surplus - self.right

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and trim."""
        return self.trimmed(self.convtr(x))

    def trimmed(self, full: Tensor) -> Tensor:
        """Without the surplus samples at both ends."""
        return full[..., self.left : full.shape[-1] - self.right]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        inner: Any
        inner, *norm = self.convtr
        # The output is normalised before it is trimmed, which is the same for what works on each time alone.
        return chain(transposed(inner.kernel_size[0], inner.stride[0], trim=self.left), *norm)


def _normalised(
    name: str, convolution: nn.Module, norm: Norm, params: Mapping[str, Any] | None, causal: bool
) -> nn.Sequential:
    """A convolution under its name in checkpoints, then the normalisation of its output as `norm`."""
    if norm == "time_group_norm" and causal:
        raise ValueError("time_group_norm looks at all times and cannot be causal; use weight_norm, or layer_norm")
    channels: int = convolution.out_channels  # type: ignore[assignment]
    given = {key: value for key, value in (params or {}).items() if key in NORM_PARAMS.get(norm, ())}
    layers = nn.Sequential()
    layers.add_module(name, _WEIGHTS.get(norm, lambda module: module)(convolution))
    if norm == "layer_norm":
        layers.add_module("norm", ConvLayerNorm(channels, **given))
    elif norm == "time_group_norm":
        layers.add_module("norm", nn.GroupNorm(1, channels, **given))
    return layers


# The new parametrization API, as in `narrows.models.blocks.convolutions`. `time_layer_norm` is missing on purpose:
# encodec accepts it and does nothing, so weights trained with it have no norm.
_WEIGHTS: dict[str, Any] = {"weight_norm": weight_norm, "spectral_norm": spectral_norm}


def _pad(x: Tensor, left: int, right: int, mode: PadMode) -> Tensor:
    """Pad in time; a signal too short for its reflection is first extended by zeros, which are cut off again."""
    extra = max(0, max(left, right) - x.shape[-1] + 1) if mode == "reflect" else 0
    x = F.pad(x, (0, extra)) if extra else x
    # Only constants can be put before the last axis alone whatever the number of axes.
    sides = (left, right) if mode == "constant" else (left, right, *(0, 0) * (x.dim() - 3))
    padded = F.pad(x, sides, mode) if left or right else x
    return padded[..., : padded.shape[-1] - extra]
