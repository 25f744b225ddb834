"""The decoder of AutoencoderKL of diffusers (Rombach et al. 2022), to spectrograms with complex as channels."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from narrows.configs import AutoencoderKLDecoderConfig
from narrows.models._options import options
from narrows.models.spectral.decoders import build_spectral_decoder
from narrows.models.spectral.modules.feature_maps import FeatureMapDecoder, diffusers_class


class AutoencoderKLDecoder(FeatureMapDecoder):
    """A convolution and diffusers' decoder.

    Args:
        channels: channels of the spectrogram.
        bins: frequency bins of the spectrogram.
        latent_channels: channels of the map.
        block_out_channels: width of each stage, the last one first.
        scaling_factor: the latents are divided by it.
        use_post_quant_conv: put the convolution in front.
        network: further options of diffusers' decoder.
    """

    # The names are part of the checkpoint format.
    def __init__(
        self,
        channels: int,
        bins: int,
        latent_channels: int,
        block_out_channels: list[int],
        scaling_factor: float,
        use_post_quant_conv: bool,
        **network: Any,
    ) -> None:
        super().__init__(channels, bins, 2 ** (len(block_out_channels) - 1), latent_channels, scaling_factor)
        self.post_quant_conv: nn.Module = nn.Identity()
        if use_post_quant_conv:
            self.post_quant_conv = nn.Conv2d(latent_channels, latent_channels, 1)
        network["up_block_types"] = tuple(network["up_block_types"])
        self.decoder = diffusers_class("vae", "Decoder")(
            in_channels=latent_channels,
            out_channels=channels,
            block_out_channels=tuple(block_out_channels),
            **network,
        )

    def spectrogram_of(self, features: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.decoder(self.post_quant_conv(features))
        return out


@build_spectral_decoder.register
def _(config: AutoencoderKLDecoderConfig, channels: int, bins: int) -> AutoencoderKLDecoder:
    return AutoencoderKLDecoder(**{**options(config), "channels": channels, "bins": bins})
