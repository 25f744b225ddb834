"""The encoder of the transformer autoencoder of stable-audio-tools (cf. Parker et al. 2024, arXiv 2411.19842)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from narrows.configs import TaaeEncoderConfig
from narrows.models._options import options
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.taae import TaaeOptions, encoder_stage
from narrows.models.encoders import build_encoder
from narrows.models.receptive_field import ReceptiveField, chain


class TaaeEncoder(nn.Module):
    """Stages of a strided convolution and transformer layers.

    Args:
        in_channels: channels of the input.
        channels: base width; a stage's width is at most 128 or a multiple of 128.
        latent_dim: output channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: downsampling of each stage; 1 leaves out the convolution.
        transformer_depths: transformer layers of each stage.
        style: fields of `narrows.models.blocks.taae.TaaeOptions`.

    Shape:
        `(B, in_channels, T)` → `(B, latent_dim, T / prod(strides))`
    """

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        in_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        transformer_depths: Sequence[int] = (3, 3, 3, 3),
        **style: Any,
    ) -> None:
        super().__init__()
        shared = TaaeOptions(**style)
        widths = [channels * mult for mult in (c_mults[0], *c_mults)]
        self.layers = nn.Sequential(
            weight_norm_conv1d(in_channels, widths[0], 7, padding=3),
            *(
                encoder_stage(wide_in, wide_out, stride, depth, shared)
                for (wide_in, wide_out), stride, depth in zip(
                    pairwise(widths), strides, transformer_depths, strict=True
                )
            ),
            shared.act(widths[-1]),
            weight_norm_conv1d(widths[-1], latent_dim, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Encode."""
        out: Tensor = self.layers(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.layers)


@build_encoder.register
def _(config: TaaeEncoderConfig) -> TaaeEncoder:
    return TaaeEncoder(**options(config))
