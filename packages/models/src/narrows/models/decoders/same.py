"""The decoder of SAME, the autoencoder of Stable Audio 3 (arXiv 2605.18613)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from torch import Generator, Tensor, nn

from narrows.configs import SameDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.same import ProjectFrames, ResamplingBlock, check_override, layer_options
from narrows.models.chunking.field import ReceptiveField, chain
from narrows.models.decoders import build_decoder


class SameDecoder(nn.Module):
    """A projection of the latents, and stages of transformers that upsample. Lists are in encoder order.

    Args:
        out_channels: channels of the output, before patches are unfolded.
        channels: base width.
        latent_dim: input channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: upsampling of each stage.
        transformer_depths: layers of each stage; a stage without layers only changes the width.
        sliding_window: frames before and after itself that a token sees; None for chunks of `chunk_size`.
        checkpointing: recompute layers in the backward pass.
        conformer: add a convolution module to each layer.
        layer_scale: learned scales of the branches instead of branches that start at zero.
        differential: differential attention.
        variable_stride: let a call override the strides.
        sinusoidal_blocks: for each stage a number n: its last n - 1 layers have a sine in their feed-forward part;
            None for none.
        mask_noise: level of the noise added to the learned tokens.
        conv_mapping: change widths by a convolution of 3 frames.
        freeze_backbone: freeze all but the changes of width.
        chunk_size: frames that attend to each other where there is no window.
        chunk_midpoint_shift: move the chunks by half of their size in the second half of the layers.
        dim_heads: width of a head.
        feat_scale: learned gains of the mean over tokens and of the rest.
        ff_mult: width of the feed-forward part as a multiple of the stage's.
        mapping_bias: bias where widths change.
        dyt: dynamic tanh in place of RMS norms.

    Shape:
        `(B, latent_dim, L)` → `(B, out_channels, L * prod(strides))`; longer where the input does not fill its chunks.
    """

    call_options: ClassVar[frozenset[str]] = frozenset({"override_stride", "generator"})

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        out_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        transformer_depths: Sequence[int] = (3, 3, 3, 3),
        sliding_window: Sequence[int] | None = None,
        checkpointing: bool = False,
        conformer: bool = False,
        layer_scale: bool = False,
        differential: bool = True,
        variable_stride: bool = False,
        sinusoidal_blocks: Sequence[int] | None = None,
        mask_noise: float = 0.0,
        conv_mapping: bool = False,
        freeze_backbone: bool = False,
        chunk_size: int = 128,
        chunk_midpoint_shift: bool = False,
        dim_heads: int = 128,
        feat_scale: bool = False,
        ff_mult: float = 3,
        mapping_bias: bool = True,
        dyt: bool = True,
    ) -> None:
        super().__init__()
        widths = [out_channels, *(channels * mult for mult in c_mults)]
        sines = [0] * len(strides) if sinusoidal_blocks is None else sinusoidal_blocks
        layer = layer_options(dim_heads, conformer, layer_scale, differential, feat_scale, ff_mult, dyt)
        stages = [
            ResamplingBlock(
                wide_in,
                wide_out,
                stride,
                direction="up",
                depth=depth,
                sliding_window=sliding_window,
                chunk_size=chunk_size,
                chunk_midpoint_shift=chunk_midpoint_shift,
                variable_stride=variable_stride,
                sinusoidal_blocks=sine,
                mask_noise=mask_noise,
                conv_mapping=conv_mapping,
                mapping_bias=mapping_bias,
                checkpointing=checkpointing,
                freeze_backbone=freeze_backbone,
                layer=layer,
            )
            for (wide_out, wide_in), stride, depth, sine in zip(
                pairwise(widths), strides, transformer_depths, sines, strict=True
            )
        ]
        project = ProjectFrames(latent_dim, widths[-1]).requires_grad_(not freeze_backbone)
        # The reference has a transposition in front of and behind the projection, which counts in the index.
        self.layers = nn.ModuleList([nn.Identity(), project, nn.Identity(), *reversed(stages)])

    def forward(
        self, x: Tensor, override_stride: Sequence[int] | None = None, generator: Generator | None = None
    ) -> Tensor:
        """Decode.

        Args:
            x: `(B, latent_dim, L)`.
            override_stride: a stride for each stage in the order of decoding, in place of its own; needs
                `variable_stride`.
            generator: source of the noise of `mask_noise`.
        """
        _, project, _, *stages = self.layers
        x = project(x)
        for stage, stride in zip(stages, check_override(override_stride, len(stages)), strict=True):
            x = stage(x, stride=stride, generator=generator)
        return x

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.chunking`."""
        return chain(*self.layers)


@build_decoder.register
def _(config: SameDecoderConfig) -> SameDecoder:
    fixed = {"causal", "cross_attn"}  # only false is allowed
    return SameDecoder(**{key: value for key, value in options(config).items() if key not in fixed})
