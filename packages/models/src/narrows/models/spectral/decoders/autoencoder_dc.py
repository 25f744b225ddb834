"""The decoder of AutoencoderDC of diffusers (Chen et al. 2024, arXiv 2410.10733), with complex as channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from narrows.configs import AutoencoderDCDecoderConfig
from narrows.models._options import options
from narrows.models.spectral.decoders import build_spectral_decoder
from narrows.models.spectral.modules.feature_maps import FeatureMapDecoder, diffusers_class


class AutoencoderDCDecoder(FeatureMapDecoder):
    """Diffusers' decoder.

    Args:
        channels: channels of the spectrogram.
        bins: frequency bins of the spectrogram.
        latent_channels: channels of the map.
        attention_head_dim: width of a head.
        decoder_block_types: block of each stage, or of all.
        decoder_block_out_channels: width of each stage, the last one first.
        decoder_layers_per_block: layers of each stage.
        decoder_qkv_multiscales: kernels of the multi-scale attention of each stage.
        upsample_block_type: upsampling.
        decoder_in_shortcut: a shortcut at the start.
        decoder_norm_types: normalisation.
        decoder_act_fns: activation.
        decoder_conv_act_fn: activation in front of the last convolution.
        scaling_factor: the latents are divided by it.
    """

    # The name is part of the checkpoint format.
    def __init__(
        self,
        channels: int,
        bins: int,
        latent_channels: int,
        attention_head_dim: int,
        decoder_block_types: str | Sequence[str],
        decoder_block_out_channels: Sequence[int],
        decoder_layers_per_block: Sequence[int],
        decoder_qkv_multiscales: Sequence[Sequence[int]],
        upsample_block_type: str,
        decoder_in_shortcut: bool,
        decoder_norm_types: str,
        decoder_act_fns: str,
        decoder_conv_act_fn: str,
        scaling_factor: float,
    ) -> None:
        super().__init__(channels, bins, 2 ** (len(decoder_block_out_channels) - 1), latent_channels, scaling_factor)
        self.decoder = diffusers_class("autoencoder_dc", "Decoder")(
            in_channels=channels,
            latent_channels=latent_channels,
            attention_head_dim=attention_head_dim,
            block_type=decoder_block_types,
            block_out_channels=tuple(decoder_block_out_channels),
            layers_per_block=tuple(decoder_layers_per_block),
            qkv_multiscales=tuple(tuple(kernels) for kernels in decoder_qkv_multiscales),
            norm_type=decoder_norm_types,
            act_fn=decoder_act_fns,
            upsample_block_type=upsample_block_type,
            in_shortcut=decoder_in_shortcut,
            conv_act_fn=decoder_conv_act_fn,
        )

    def spectrogram_of(self, features: Tensor) -> Tensor:
        """Decode."""
        out: Tensor = self.decoder(features)
        return out


@build_spectral_decoder.register
def _(config: AutoencoderDCDecoderConfig, channels: int, bins: int) -> AutoencoderDCDecoder:
    given: dict[str, Any] = {**options(config), "channels": channels, "bins": bins}
    return AutoencoderDCDecoder(**given)
