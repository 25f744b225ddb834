"""The decoder of the Descript Audio Codec (Kumar et al. 2023, arXiv 2306.06546), as stable-audio-tools wraps it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from narrows.configs import DacDecoderConfig
from narrows.models._options import options
from narrows.models.blocks.activations import Snake
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.dac import DecoderBlock
from narrows.models.blocks.layers import Layers
from narrows.models.decoders import build_decoder
from narrows.models.receptive_field import Chain


class DacStack(nn.Module):
    """The decoder as descript-audio-codec has it.

    Shape:
        `(B, latent_dim, L)` → `(B, out_channels, L * prod(rates))`
    """

    structure = Chain("model")

    # `model` and the index of each layer are part of the checkpoint format.
    def __init__(
        self, out_channels: int, latent_dim: int, channels: int, rates: Sequence[int], exact_length: bool
    ) -> None:
        super().__init__()
        widths = [channels // 2**stage for stage in range(len(rates) + 1)]
        if not widths[-1]:
            raise ValueError(f"channels must be at least {2 ** len(rates)} for {len(rates)} rates, got {channels}")
        self.model = Layers(
            weight_norm_conv1d(latent_dim, channels, 7, padding=3),
            *(
                DecoderBlock(wide, narrow, rate, exact_length)
                for (wide, narrow), rate in zip(pairwise(widths), rates, strict=True)
            ),
            Snake(widths[-1]),
            weight_norm_conv1d(widths[-1], out_channels, 7, padding=3),
            nn.Tanh(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.model(x)
        return out


class DacDecoder(nn.Module):
    """A stack of upsampling convolutions whose width halves; the output passes a tanh.

    Args:
        out_channels: channels of the output.
        latent_dim: input channels.
        channels: width of the first stage, halved (and rounded down) by each.
        rates: upsampling of each stage, in decoder order.
        exact_length: as many samples as `rates` say for odd rates too; see `upsampling_conv1d`.

    Shape:
        `(B, latent_dim, L)` → `(B, out_channels, L * prod(rates))`
    """

    structure = Chain("decoder")

    # `decoder` is part of the checkpoint format.
    def __init__(
        self,
        out_channels: int = 1,
        latent_dim: int = 1024,
        channels: int = 1536,
        rates: Sequence[int] = (8, 8, 4, 2),
        exact_length: bool = False,
    ) -> None:
        super().__init__()
        self.decoder = DacStack(out_channels, latent_dim, channels, rates, exact_length)

    def forward(self, x: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.decoder(x)
        return out


@build_decoder.register
def _(config: DacDecoderConfig) -> DacDecoder:
    return DacDecoder(**options(config))
