"""The decoder of SAME, the autoencoder of Stable Audio 3 (arXiv 2605.18613)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

from torch import Generator, Tensor, nn

from narrows.configs import SameDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.same import ProjectFrames, ResamplingBlock, SameOptions, check_override
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import ReceptiveField, chain


class SameDecoder(nn.Module):
    """A projection of the latents, and stages of transformers that upsample. Lists are in encoder order.

    Args:
        out_channels: channels of the output, before patches are unfolded.
        channels: base width.
        latent_dim: input channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: upsampling of each stage.
        transformer_depths: layers of each stage; a stage without layers only changes the width.
        sinusoidal_blocks: for each stage a number n: its last n - 1 layers have a sine in their feed-forward part;
            None for none.
        style: fields of `narrows.models.blocks.same.SameOptions`.

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
        sinusoidal_blocks: Sequence[int] | None = None,
        **style: Any,
    ) -> None:
        super().__init__()
        widths = [out_channels, *(channels * mult for mult in c_mults)]
        sines = [0] * len(strides) if sinusoidal_blocks is None else sinusoidal_blocks
        shared = SameOptions(**style)
        stages = [
            ResamplingBlock(
                wide_in,
                wide_out,
                stride,
                direction="up",
                depth=depth,
                sinusoidal_blocks=sine,
                style=shared,
            )
            for (wide_out, wide_in), stride, depth, sine in zip(
                pairwise(widths), strides, transformer_depths, sines, strict=True
            )
        ]
        project = ProjectFrames(latent_dim, widths[-1]).requires_grad_(not shared.freeze_backbone)
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
        """See `narrows.models.receptive_field`."""
        return chain(*self.layers)


@build_decoder.register
def _(config: SameDecoderConfig) -> SameDecoder:
    fixed = {"causal", "cross_attn"}  # only false is allowed
    return SameDecoder(**{key: value for key, value in options(config).items() if key not in fixed})
