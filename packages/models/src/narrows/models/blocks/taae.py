"""Blocks of the transformer autoencoder of stable-audio-tools (cf. Parker et al. 2024, arXiv 2411.19842)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from narrows.models.blocks.activations import SnakeBeta
from narrows.models.blocks.convolutions import downsampling_conv1d, upsampling_conv1d
from narrows.models.blocks.oobleck import residual_units
from narrows.models.blocks.transformer import TransformerBlock
from narrows.models.blocks.transformer.feedforward import SwapLastAxes
from narrows.models.receptive_field import ReceptiveField, chain

HEAD_WIDTH = 128


@dataclass(frozen=True)
class TaaeOptions:
    """Options that all stages share."""

    use_snake: bool = False
    sliding_window: Sequence[int] | None = (63, 64)
    checkpointing: bool = False
    conformer: bool = False
    layer_scale: bool = True
    use_dilated_conv: bool = False
    exact_length: bool = False

    def act(self, channels: int) -> nn.Module:
        """Snake or nothing."""
        return SnakeBeta(channels) if self.use_snake else nn.Identity()

    def residual_units(self, channels: int) -> list[nn.Module]:
        """The dilated residual units of a stage, if any; without Snake they have ELU."""
        return residual_units(channels, self.use_snake, antialias=False) if self.use_dilated_conv else []

    def transformer_block(self, width: int) -> TransformerBlock:
        """A transformer layer of a stage."""
        return TransformerBlock(
            width,
            dim_heads=HEAD_WIDTH,
            zero_init_branch_outputs=not self.layer_scale,
            conformer=self.conformer,
            layer_scale=self.layer_scale,
            add_rope=True,
            attn_kwargs={"qk_norm": "ln"},
            norm_kwargs={"eps": 1e-2},
        )


class Stage(nn.Module):
    """The layers of a stage, whose activations can be computed again instead of kept in training.

    Shape:
        `(B, C_in, T)` → `(B, C_out, T')`
    """

    # `layers`, and transformer layers from the index 1 of a list of their own, are part of the checkpoint format: the
    # reference has layers without weights around them, which swap the axes.
    def __init__(
        self, before: Iterable[nn.Module], width: int, depth: int, after: Iterable[nn.Module], style: TaaeOptions
    ) -> None:
        super().__init__()
        if width > HEAD_WIDTH and width % HEAD_WIDTH:
            raise ValueError(f"A width above {HEAD_WIDTH} must be a multiple of it, got {width}")
        blocks = (style.transformer_block(width) for _ in range(depth))
        transformer = nn.ModuleList([SwapLastAxes(), *blocks, SwapLastAxes()])
        self.layers = nn.ModuleList([*before, transformer, *after])
        self.window = None if style.sliding_window is None else (style.sliding_window[0], style.sliding_window[1])
        self.checkpointing = style.checkpointing

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layers."""
        for layer in self.layers:
            for part in layer if isinstance(layer, nn.ModuleList) else [layer]:
                window = {"window": self.window} if isinstance(part, TransformerBlock) else {}
                x = self._apply_layer(part, x, window)
        return x

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        parts: list[nn.Module | ReceptiveField] = []
        for layer in self.layers:
            for part in layer if isinstance(layer, nn.ModuleList) else [layer]:
                if isinstance(part, TransformerBlock):
                    parts.append(part.receptive_field(self.window))
                elif not isinstance(part, SwapLastAxes):
                    parts.append(part)
        return chain(*parts)

    def _apply_layer(self, layer: nn.Module, x: Tensor, options: dict[str, Any]) -> Tensor:
        out: Tensor
        if self.checkpointing and self.training and torch.is_grad_enabled():
            out = checkpoint(layer, x, use_reentrant=False, **options)
        else:
            out = layer(x, **options)
        return out


def encoder_stage(in_channels: int, out_channels: int, stride: int, depth: int, style: TaaeOptions) -> Stage:
    """Convolutions that downsample, then transformer layers."""
    before = [*style.residual_units(in_channels), style.act(in_channels)]
    before += [_resampling(downsampling_conv1d, in_channels, out_channels, stride, style.exact_length)]
    return Stage(before, out_channels, depth, (), style)


def decoder_stage(in_channels: int, out_channels: int, stride: int, depth: int, style: TaaeOptions) -> Stage:
    """Transformer layers, then convolutions that upsample.

    The reference makes the Snake in between as wide as the output, which fails unless that equals the input.
    """
    after = [style.act(in_channels)]
    after += [_resampling(upsampling_conv1d, in_channels, out_channels, stride, style.exact_length)]
    after += style.residual_units(out_channels)
    return Stage((), in_channels, depth, after, style)


def _resampling(convolution: Any, in_channels: int, out_channels: int, stride: int, exact: bool) -> nn.Module:
    """A convolution, or at stride 1 nothing, as in the reference."""
    if stride > 1:
        built: nn.Module = convolution(in_channels, out_channels, stride, exact)
        return built
    if in_channels != out_channels:
        raise ValueError(f"A stage of stride 1 keeps its width, got {in_channels} and {out_channels}")
    return nn.Identity()
