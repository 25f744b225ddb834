"""Blocks of SAME, the autoencoder of Stable Audio 3: resampling by transformers (arXiv 2605.18613).

Downsampling appends a learned token to every `stride` frames, lets tokens attend to each other and keeps the learned
ones; upsampling appends `stride` learned tokens to every frame and keeps those.

Letters: B batch, C channels, T frames at the higher rate, L frames at the lower, D width, N tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any, Literal

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.draws import gaussian
from narrows.models.blocks.transformer import TransformerBlock
from narrows.models.receptive_field import ReceptiveField, chain, frames, obstacle, pointwise, unframes


@dataclass(frozen=True)
class SameOptions:
    """Options that all stages share.

    Args:
        sliding_window: frames at the lower rate that a token sees before and after itself; None for chunks.
        checkpointing: recompute layers in the backward pass.
        conformer: add a convolution module to each layer.
        layer_scale: learned scales of the branches instead of branches that start at zero.
        differential: differential attention.
        variable_stride: let a call override the strides; one learned token for all positions.
        mask_noise: level of the noise added to the learned tokens, in eval mode as well.
        conv_mapping: change widths by a convolution of 3 frames.
        freeze_backbone: freeze all but the changes of width.
        chunk_size: frames at the higher rate that attend to each other where there is no window.
        chunk_midpoint_shift: in the second half of the layers, move the chunks by half of their size.
        dim_heads: width of a head.
        feat_scale: learned gains of the mean over tokens and of the rest.
        ff_mult: width of the feed-forward part as a multiple of the stage's.
        mapping_bias: bias where widths change.
        dyt: dynamic tanh in place of RMS norms.
    """

    sliding_window: Sequence[int] | None = None
    checkpointing: bool = False
    conformer: bool = False
    layer_scale: bool = False
    differential: bool = True
    variable_stride: bool = False
    mask_noise: float = 0.0
    conv_mapping: bool = False
    freeze_backbone: bool = False
    chunk_size: int = 128
    chunk_midpoint_shift: bool = False
    dim_heads: int = 128
    feat_scale: bool = False
    ff_mult: float = 3
    mapping_bias: bool = True
    dyt: bool = True

    def transformer_block(self, width: int, sinusoidal: bool) -> TransformerBlock:
        """A transformer layer of a stage."""
        return TransformerBlock(
            width,
            dim_heads=self.dim_heads,
            conformer=self.conformer,
            layer_scale=self.layer_scale,
            add_rope=True,
            norm_type="dyt" if self.dyt else "rms_norm",
            dyt_alpha=4.0,
            attn_kwargs={
                "qk_norm": "dyt" if self.dyt else "rms",
                "qk_norm_eps": 1e-3,
                "differential": self.differential,
                "feat_scale": self.feat_scale,
            },
            ff_kwargs={"mult": self.ff_mult, "sinusoidal": sinusoidal},
            norm_kwargs={"eps": 1e-3},
        )

    def mapping(self, in_channels: int, out_channels: int) -> nn.Module:
        """The change of width of a stage, if there is one."""
        if in_channels == out_channels:
            return nn.Identity()
        kernel = 3 if self.conv_mapping else 1
        return weight_norm_conv1d(in_channels, out_channels, kernel, padding="same", bias=self.mapping_bias)


class ResamplingBlock(nn.Module):
    """Transformer layers that change the rate by a stride, and a projection that changes the width.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        stride: frames at the higher rate for one at the lower.
        direction: `down` widens first and then resamples; `up` resamples first.
        depth: transformer layers; without any the block only projects.
        sinusoidal_blocks: the last `sinusoidal_blocks - 1` layers have a sine in their feed-forward part.
        style: what all stages share.

    Shape:
        down: `(B, C_in, T)` → `(B, C_out, T / stride)`; up: `(B, C_in, L)` → `(B, C_out, L * stride)`. Lengths are
        padded with zeros to whole strides, and to whole chunks where there is no window.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int,
        direction: Literal["down", "up"],
        depth: int,
        sinusoidal_blocks: int,
        style: SameOptions,
    ) -> None:
        super().__init__()
        self.stride = stride
        self.direction = direction
        self.window = None if style.sliding_window is None else (style.sliding_window[0], style.sliding_window[1])
        self.chunk_size = style.chunk_size
        self.chunk_midpoint_shift = style.chunk_midpoint_shift
        self.variable_stride = style.variable_stride
        self.mask_noise = style.mask_noise
        self.checkpointing = style.checkpointing
        self.mapping = style.mapping(in_channels, out_channels)
        width = out_channels if direction == "down" else in_channels
        self.transformers = nn.ModuleList(
            style.transformer_block(width, sinusoidal=depth - index < sinusoidal_blocks) for index in range(depth)
        )
        learned = 1 if style.variable_stride or direction == "down" else stride
        self.new_tokens = nn.Parameter(1e-5 * torch.randn(1, learned, width))
        if style.freeze_backbone:
            self.transformers.requires_grad_(False)
            self.new_tokens.requires_grad_(False)

    def forward(self, x: Tensor, stride: int | None = None, generator: Generator | None = None) -> Tensor:
        """Resample.

        Args:
            x: `(B, C_in, frames)`.
            stride: instead of the block's own; only with `variable_stride`.
            generator: source of the noise of `mask_noise`.
        """
        stride = self._stride(stride)
        if self.direction == "up":
            if len(self.transformers):
                x = self._resample(x, stride, generator)
            return self.mapping(x)  # type: ignore[no-any-return]
        if not len(self.transformers):
            return self.mapping(x)  # type: ignore[no-any-return]
        # Zeros are padded in front of the projection, so that padding is silence.
        x = F.pad(x, (0, -x.shape[-1] % (stride if self.window else self.chunk_size)))
        return self._resample(self.mapping(x), stride, generator)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.streaming`; of the block's own stride."""
        if not len(self.transformers):
            return chain(self.mapping)
        if self.direction == "down":
            return chain(self.mapping, frames(self.stride), self._tokens_field())
        return chain(self._tokens_field(), unframes(self.stride), self.mapping)

    def _tokens_field(self) -> ReceptiveField:
        """Of the transformer layers, counted in frames at the lower rate, each of which is a group of tokens."""
        if self.mask_noise:
            return obstacle(self, "adds noise to its learned tokens")
        group = self.stride + 1
        if self.window is None:
            # Chunks are apart; those of the second half of the layers may lie across those of the first.
            size = Fraction(self.chunk_size // self.stride)
            reach = 2 * size if self.chunk_midpoint_shift else size - 1
            return ReceptiveField(left=reach, right=reach, period=size)
        window = (self.window[0] * group, self.window[1] * group)
        layers: Any = self.transformers
        fields = [layer.receptive_field(window) for layer in layers]
        return chain(*(replace(f, left=grouped(f.left, group), right=grouped(f.right, group)) for f in fields))

    def _stride(self, stride: int | None) -> int:
        if stride is not None and stride != self.stride and not self.variable_stride:
            raise ValueError(
                f"The stride is {self.stride} and can be overridden only with variable_stride, got {stride}"
            )
        stride = stride or self.stride
        if self.window is None and len(self.transformers) and self.chunk_size % stride:
            raise ValueError(f"chunk_size {self.chunk_size} is not a multiple of the stride {stride}")
        return stride

    def _resample(self, x: Tensor, stride: int, generator: Generator | None) -> Tensor:
        batch, _, length = x.shape
        tokens = x.transpose(1, 2)
        old, new = (stride, 1) if self.direction == "down" else (1, stride)
        if self.window is None and self.direction == "up":
            tokens = F.pad(tokens, (0, 0, 0, -length % (self.chunk_size // stride)))
        groups = tokens.reshape(-1, old, tokens.shape[-1])
        learned = self._learned(len(groups), new, generator)
        tokens = torch.cat((groups, learned), dim=1).reshape(batch, -1, tokens.shape[-1])
        tokens = self._attend(tokens, stride)
        kept = tokens.reshape(-1, old + new, tokens.shape[-1])[:, old:]
        return kept.reshape(batch, -1, tokens.shape[-1]).transpose(1, 2)

    def _learned(self, groups: int, count: int, generator: Generator | None) -> Tensor:
        """A copy of the learned tokens for each group: `(groups, count, D)`."""
        tokens = self.new_tokens.expand(groups, count, -1)
        if self.mask_noise:
            tokens = tokens + gaussian(tokens.new_empty(tokens.shape), generator) * self.mask_noise
        return tokens

    def _attend(self, tokens: Tensor, stride: int) -> Tensor:
        """All layers, within a window or within chunks."""
        if self.window is not None:
            left, right = self.window
            return self._layers(tokens, 0, None, (left * (stride + 1), right * (stride + 1)))
        chunk = self.chunk_size + self.chunk_size // stride
        if not self.chunk_midpoint_shift:
            return self._chunked(tokens, chunk, 0, None)
        middle, shift = len(self.transformers) // 2, chunk // 2
        tokens = self._chunked(tokens, chunk, 0, middle)
        # Both ends are filled up with tokens of their own neighbourhood.
        tokens = torch.cat((tokens[:, :shift], tokens, tokens[:, -shift:]), dim=1)
        return self._chunked(tokens, chunk, middle, None)[:, shift:-shift]

    def _chunked(self, tokens: Tensor, chunk: int, first: int, last: int | None) -> Tensor:
        parts = tokens.reshape(-1, chunk, tokens.shape[-1])
        return self._layers(parts, first, last, None).reshape(tokens.shape)

    def _layers(self, tokens: Tensor, first: int, last: int | None, window: tuple[int, int] | None) -> Tensor:
        for layer in self.transformers[first:last]:
            if self.checkpointing and torch.is_grad_enabled():
                tokens = checkpoint(layer, tokens, window=window, use_reentrant=False)
            else:
                tokens = layer(tokens, window=window)
        return tokens


def grouped(tokens: Fraction, group: int) -> Fraction:
    """Groups that cover so many tokens."""
    return Fraction(ceil(tokens / group))


class ProjectFrames(nn.Linear):
    """A linear layer over the channels of frames: `(B, C_in, L)` → `(B, C_out, L)`."""

    def forward(self, x: Tensor) -> Tensor:
        """Project."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


def check_override(override: Sequence[int] | None, stages: int) -> Sequence[int | None]:
    """One stride for each stage, or None for its own."""
    if override is None:
        return [None] * stages
    if len(override) != stages:
        raise ValueError(f"override_stride must have one stride for each of the {stages} stages, got {list(override)}")
    return override
