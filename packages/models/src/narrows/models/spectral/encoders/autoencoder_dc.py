"""The encoder of AutoencoderDC of diffusers (Chen et al. 2024, arXiv 2410.10733), with complex as channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from narrows.configs import AutoencoderDCEncoderConfig
from narrows.models._options import options
from narrows.models.spectral.encoders import build_spectral_encoder
from narrows.models.spectral.modules.feature_maps import FeatureMapEncoder, diffusers_class


class AutoencoderDCEncoder(FeatureMapEncoder):
    """A deep compression network, and a convolution to mean and scale of a variational bottleneck.

    Args:
        input_size: channels of the spectrogram.
        bins: frequency bins of the spectrogram.
        latent_channels: channels of the map; the encoder gives twice as many.
        attention_head_dim: width of a head.
        encoder_block_types: block of each stage, or of all.
        encoder_block_out_channels: width of each stage.
        encoder_layers_per_block: layers of each stage.
        encoder_qkv_multiscales: kernels of the multi-scale attention of each stage.
        downsample_block_type: downsampling.
        encoder_out_shortcut: a shortcut at the end.
    """

    # The names are part of the checkpoint format.
    def __init__(
        self,
        input_size: int,
        bins: int,
        latent_channels: int,
        attention_head_dim: int,
        encoder_block_types: str | Sequence[str],
        encoder_block_out_channels: Sequence[int],
        encoder_layers_per_block: Sequence[int],
        encoder_qkv_multiscales: Sequence[Sequence[int]],
        downsample_block_type: str,
        encoder_out_shortcut: bool,
    ) -> None:
        super().__init__(input_size, bins, 2 ** (len(encoder_block_out_channels) - 1), 2 * latent_channels)
        self.encoder = diffusers_class("autoencoder_dc", "Encoder")(
            in_channels=input_size,
            latent_channels=latent_channels,
            attention_head_dim=attention_head_dim,
            block_type=encoder_block_types,
            block_out_channels=tuple(encoder_block_out_channels),
            layers_per_block=tuple(encoder_layers_per_block),
            qkv_multiscales=tuple(tuple(kernels) for kernels in encoder_qkv_multiscales),
            downsample_block_type=downsample_block_type,
            out_shortcut=encoder_out_shortcut,
        )
        self.moments = nn.Conv2d(latent_channels, 2 * latent_channels, 1)

    def map_of(self, spectrogram: Tensor) -> Tensor:
        """Mean and scale."""
        features: Tensor = self.moments(self.encoder(spectrogram))
        return features


@build_spectral_encoder.register
def _(config: AutoencoderDCEncoderConfig, channels: int, bins: int) -> AutoencoderDCEncoder:
    given: dict[str, Any] = {**options(config), "input_size": channels, "bins": bins}
    return AutoencoderDCEncoder(**given)
