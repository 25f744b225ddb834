"""The decoder of the transformer autoencoder of stable-audio-tools (cf. Parker et al. 2024, arXiv 2411.19842)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from narrows.configs import TaaeDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.taae import TaaeOptions, decoder_stage
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import ReceptiveField, chain


class TaaeDecoder(nn.Module):
    """Stages of transformer layers and an upsampling convolution. Lists are in encoder order.

    Args:
        out_channels: channels of the output.
        channels: base width; a stage's width is at most 128 or a multiple of 128.
        latent_dim: input channels.
        c_mults: width of each stage as a multiple of `channels`.
        strides: upsampling of each stage; 1 leaves out the convolution.
        transformer_depths: transformer layers of each stage.
        style: fields of `narrows.models.blocks.taae.TaaeOptions`.

    Shape:
        `(B, latent_dim, L)` → `(B, out_channels, L * prod(strides))`
    """

    # `layers` and the index of each layer are part of the checkpoint format.
    def __init__(
        self,
        out_channels: int = 2,
        channels: int = 128,
        latent_dim: int = 32,
        c_mults: Sequence[int] = (1, 2, 4, 8),
        strides: Sequence[int] = (2, 4, 8, 8),
        transformer_depths: Sequence[int] = (3, 3, 3, 3),
        **style: Any,
    ) -> None:
        super().__init__()
        shared = TaaeOptions(**style)
        widths = [channels * mult for mult in (c_mults[0], *c_mults)][::-1]
        self.layers = nn.Sequential(
            weight_norm_conv1d(latent_dim, widths[0], 3, padding=1),
            *(
                decoder_stage(wide_in, wide_out, stride, depth, shared)
                for (wide_in, wide_out), stride, depth in zip(
                    pairwise(widths), reversed(strides), reversed(transformer_depths), strict=True
                )
            ),
            shared.act(widths[-1]),
            weight_norm_conv1d(widths[-1], out_channels, 7, padding=3, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.layers(x)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.layers)


@build_decoder.register
def _(config: TaaeDecoderConfig) -> TaaeDecoder:
    return TaaeDecoder(**options(config))
