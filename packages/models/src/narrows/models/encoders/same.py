"""The encoder of SAME, the autoencoder of Stable Audio 3 (arXiv 2605.18613)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

from torch import Generator, Tensor, nn

from narrows.configs import SameEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.same import ProjectFrames, ResamplingBlock, SameOptions, check_override
from narrows.models.encoders import build_encoder
from narrows.models.receptive_field import ReceptiveField, chain


class SameEncoder(nn.Module):
    """Stages of transformers that downsample, and a projection to the latents.

    Args:
        in_channels: channels of the input, after patching.
        channels: base width.
        latent_dim: output channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: downsampling of each stage.
        transformer_depths: layers of each stage; a stage without layers only changes the width.
        sinusoidal_blocks: the last `sinusoidal_blocks - 1` layers of each stage have a sine in their feed-forward part.
        style: fields of `narrows.models.blocks.same.SameOptions`.

    Shape:
        `(B, in_channels, T)` → `(B, latent_dim, T / prod(strides))`; longer where the input does not fill its chunks.
    """

    call_options: ClassVar[frozenset[str]] = frozenset({"override_stride", "generator"})

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        transformer_depths: Sequence[int] = (3, 3, 3, 3),
        sinusoidal_blocks: int = 0,
        **style: Any,
    ) -> None:
        super().__init__()
        widths = [in_channels, *(channels * mult for mult in c_mults)]
        shared = SameOptions(**style)
        stages = [
            ResamplingBlock(
                wide_in,
                wide_out,
                stride,
                direction="down",
                depth=depth,
                sinusoidal_blocks=sinusoidal_blocks,
                style=shared,
            )
            for (wide_in, wide_out), stride, depth in zip(pairwise(widths), strides, transformer_depths, strict=True)
        ]
        project = ProjectFrames(widths[-1], latent_dim).requires_grad_(not shared.freeze_backbone)
        # The reference has a transposition in front of and behind the projection, which counts in the index.
        self.layers = nn.ModuleList([*stages, nn.Identity(), project])

    def forward(
        self, x: Tensor, override_stride: Sequence[int] | None = None, generator: Generator | None = None
    ) -> Tensor:
        """Encode.

        Args:
            x: `(B, in_channels, T)`.
            override_stride: a stride for each stage, in place of its own; needs `variable_stride`.
            generator: source of the noise of `mask_noise`.
        """
        *stages, _, project = self.layers
        for stage, stride in zip(stages, check_override(override_stride, len(stages)), strict=True):
            x = stage(x, stride=stride, generator=generator)
        out: Tensor = project(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(*self.layers)


@build_encoder.register
def _(config: SameEncoderConfig) -> SameEncoder:
    fixed = {"causal", "cross_attn"}  # only false is allowed
    return SameEncoder(**{key: value for key, value in options(config).items() if key not in fixed})
