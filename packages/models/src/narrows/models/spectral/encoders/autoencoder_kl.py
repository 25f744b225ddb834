"""The encoder of AutoencoderKL of diffusers (Rombach et al. 2022), on spectrograms with complex as channels."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from narrows.configs import AutoencoderKLEncoderConfig
from narrows.models._options import options
from narrows.models.spectral.encoders import build_spectral_encoder
from narrows.models.spectral.modules.feature_maps import FeatureMapEncoder, diffusers_class


class AutoencoderKLEncoder(FeatureMapEncoder):
    """Mean and scale of a variational bottleneck, which takes the scale through a softplus.

    Args:
        input_size: channels of the spectrogram.
        bins: frequency bins of the spectrogram.
        latent_channels: channels of the map; the encoder gives twice as many.
        block_out_channels: width of each stage.
        network: further options of diffusers' encoder.
    """

    # The names are part of the checkpoint format.
    def __init__(
        self, input_size: int, bins: int, latent_channels: int, block_out_channels: list[int], **network: Any
    ) -> None:
        super().__init__(input_size, bins, 2 ** (len(block_out_channels) - 1), 2 * latent_channels)
        network["down_block_types"] = tuple(network["down_block_types"])
        self.encoder = diffusers_class("vae", "Encoder")(
            in_channels=input_size,
            out_channels=latent_channels,
            block_out_channels=tuple(block_out_channels),
            double_z=True,
            **network,
        )
        self.quant_conv = nn.Conv2d(2 * latent_channels, 2 * latent_channels, 1)

    def map_of(self, spectrogram: Tensor) -> Tensor:
        """Mean and scale."""
        features: Tensor = self.quant_conv(self.encoder(spectrogram))
        return features


@build_spectral_encoder.register
def _(config: AutoencoderKLEncoderConfig, channels: int, bins: int) -> AutoencoderKLEncoder:
    return AutoencoderKLEncoder(**{**options(config), "input_size": channels, "bins": bins})
