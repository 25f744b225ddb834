"""Convolutions in one or two dimensions that pad themselves, real or complex, as EulerAudioBackbone's.

Letters: B batch, C channels, F frequency bins, T frames. The last axis is time; frequency, where there is one, stands
before it. Complex layers are torch's own on complex weights, which keep real and imaginary part coupled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, chain, convolution, obstacle, transposed
from narrows.models.spectral.modules.initialisation import complex_dtype, start_complex
from narrows.models.spectral.modules.norms import Norm, output_norm, weight_norm_of
from narrows.models.spectral.modules.padding import PadMode, pad_axis


class PaddedConv(nn.Module):
    """A convolution whose output has `ceil(T / stride)` frames.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel: taps of each axis: `(time,)` or `(frequency, time)`.
        stride: of each axis; None for 1.
        dilation: of each axis; None for 1.
        groups: groups of channels.
        norm: normalisation of the weights or of the output.
        norm_params: arguments of that normalisation.
        causal: pad time at the start only. Frequency is always padded on both sides.
        pad_mode: what the ends are padded with.
        is_complex: complex weights, for complex input.

    Shape:
        `(B, C_in, [F,] T)` → `(B, C_out, [F',] ceil(T / stride))`, where an even `F` becomes `F / stride` and an odd
        one loses its last bin.
    """

    # `conv.conv` and `conv.norm` are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Sequence[int],
        stride: Sequence[int] | None = None,
        dilation: Sequence[int] | None = None,
        groups: int = 1,
        *,
        norm: Norm = "none",
        norm_params: Mapping[str, Any] | None = None,
        causal: bool = False,
        pad_mode: PadMode = "reflect",
        is_complex: bool = False,
    ) -> None:
        super().__init__()
        axes = len(kernel)
        self.stride = tuple(stride or [1] * axes)
        steps = tuple(dilation or [1] * axes)
        build: Any = nn.Conv1d if axes == 1 else nn.Conv2d
        kind = complex_dtype() if is_complex else None
        inner = build(in_channels, out_channels, tuple(kernel), self.stride, dilation=steps, groups=groups, dtype=kind)
        self.conv = normalised("conv", inner, norm, norm_params, causal, is_complex)
        self.overlap = [(k - 1) * d - (s - 1) for k, d, s in zip(kernel, steps, self.stride, strict=True)]
        self.causal = causal
        self.pad_mode: PadMode = pad_mode

    def forward(self, x: Tensor) -> Tensor:
        """Pad and convolve."""
        axes = len(self.overlap)
        for axis in range(-axes, 0):
            before, after = self._sides(axis)
            if axis == -1:
                missing = -x.shape[-1] % self.stride[-1]
                # In two dimensions the reference fills the last frame up in front of the first.
                before, after = (
                    (before + missing, after) if axes == 2 and not self.causal else (before, after + missing)
                )
            x = pad_axis(x, axis, before, after, self.pad_mode)
        out: Tensor = self.conv(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        """In time; see `narrows.models.streaming`."""
        if self.pad_mode == "circular":
            return obstacle(self, "pads with the other end of the clip")
        before, _ = self._sides(-1)
        inner: Any
        inner, *norm = self.conv
        mirrored = before if self.pad_mode == "reflect" else 0
        return chain(convolution(inner.kernel_size[-1], self.stride[-1], inner.dilation[-1], before, mirrored), *norm)

    def _sides(self, axis: int) -> tuple[int, int]:
        """Padding in front and behind, for whole frames."""
        after = 0 if self.causal and axis == -1 else self.overlap[axis] // 2
        return self.overlap[axis] - after, after


class TrimmedConvTranspose2d(nn.Module):
    """A transposed convolution whose output has `F * stride` bins and `T * stride` frames.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel: taps in frequency and time; at least the stride.
        stride: upsampling in frequency and time.
        groups: groups of channels.
        norm: normalisation of the weights or of the output.
        norm_params: arguments of that normalisation.
        causal: whether `trim_right_ratio` applies to time; else both ends lose half of the surplus.
        trim_right_ratio: share of the surplus that is cut off at the end; 1 makes the convolution causal.
        keep: bins and frames of the surplus to leave, `((before, after), (before, after))`.
        is_complex: complex weights, for complex input.

    Shape:
        `(B, C_in, F, T)` → `(B, C_out, F * stride + kept, T * stride + kept)`
    """

    # `convtr.convtr` and `convtr.norm` are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: Sequence[int],
        stride: Sequence[int],
        groups: int = 1,
        *,
        norm: Norm = "none",
        norm_params: Mapping[str, Any] | None = None,
        causal: bool = False,
        trim_right_ratio: float = 1.0,
        keep: Sequence[Sequence[int]] = ((0, 0), (0, 0)),
        is_complex: bool = False,
    ) -> None:
        super().__init__()
        if not causal and trim_right_ratio != 1.0:
            raise ValueError(f"trim_right_ratio {trim_right_ratio} needs causal; leave it at 1 without")
        inner = nn.ConvTranspose2d(
            in_channels,
            out_channels,
            tuple(kernel),  # type: ignore[arg-type]
            tuple(stride),  # type: ignore[arg-type]
            groups=groups,
            dtype=complex_dtype() if is_complex else None,
        )
        self.convtr = normalised("convtr", inner, norm, norm_params, causal, is_complex)
        surplus = [k - s for k, s in zip(kernel, stride, strict=True)]
        after = [surplus[0] // 2, math.ceil(surplus[1] * trim_right_ratio) if causal else surplus[1] // 2]
        self.trims = [
            (max(0, s - a - kept[0]), max(0, a - kept[1])) for s, a, kept in zip(surplus, after, keep, strict=True)
        ]

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and trim."""
        full: Tensor = self.convtr(x)
        (top, bottom), (left, right) = self.trims
        return full[..., top : full.shape[-2] - bottom, left : full.shape[-1] - right]

    def receptive_field(self) -> ReceptiveField:
        """In time; see `narrows.models.streaming`."""
        inner: Any
        inner, *norm = self.convtr
        return chain(transposed(inner.kernel_size[1], inner.stride[1], trim=self.trims[1][0]), *norm)


def normalised(
    name: str,
    convolution: nn.modules.conv._ConvNd,
    norm: Norm,
    params: Mapping[str, Any] | None,
    causal: bool,
    is_complex: bool,
) -> nn.Sequential:
    """A convolution under its name in checkpoints, then the normalisation of its output as `norm`."""
    if norm == "time_group_norm" and causal:
        raise ValueError("time_group_norm looks at all times and cannot be causal; use weight_norm, or layer_norm")
    if is_complex:
        start_complex(convolution)
    layers = nn.Sequential()
    layers.add_module(name, weight_norm_of(convolution, norm))
    after = output_norm(norm, convolution, dict(params or {}))
    if after is not None:
        layers.add_module("norm", after)
    return layers
