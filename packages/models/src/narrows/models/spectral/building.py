"""From a typed configuration to an autoencoder on spectrograms."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from narrows.configs import SpectralAutoencoderConfig
from narrows.configs.rules.spectral_data import with_channels
from narrows.models.autoencoders.spectral import AutoEncoder
from narrows.models.bottlenecks import build_bottleneck
from narrows.models.spectral.decoders import build_spectral_decoder
from narrows.models.spectral.encoders import build_spectral_encoder
from narrows.models.spectral.layout import ChannelLayout
from narrows.models.spectral.stft import STFT
from narrows.models.spectral.transforms.naming import transform_of


def create_spectral_autoencoder(
    config: SpectralAutoencoderConfig, kind: type[AutoEncoder] = AutoEncoder
) -> AutoEncoder:
    """Build an autoencoder; its `config` has numbers wherever the given one says `auto`."""
    typed = with_channels(config)
    model = typed.model
    layout = ChannelLayout(typed.audio_channels, model.cac)
    stft = STFT(**model.stft.model_dump(exclude={"center"}))
    autoencoder = kind(
        encoder=_side("encoder", build_spectral_encoder, model.encoder, layout, stft),
        decoder=_side("decoder", build_spectral_decoder, model.decoder, layout, stft),
        stft=stft,
        layout=layout,
        sample_rate=typed.sample_rate,
        bottleneck=_bottleneck(model.bottleneck),
        pre_transform=transform_of(model.pre_transform),
        channel_policy=model.channel_policy,
    )
    autoencoder.config = typed
    return autoencoder


def _side(side: str, build: Any, config: Any, layout: ChannelLayout, stft: STFT) -> Any:
    import_module(f"narrows.models.spectral.{side}s.{config.type}")
    module = build(config, layout.model_channels, stft.bins)
    return module if config.requires_grad else module.requires_grad_(False)


def _bottleneck(config: Any) -> Any:
    if config is None:
        return None
    import_module(f"narrows.models.bottlenecks.{config.type}")
    bottleneck = build_bottleneck(config)
    return bottleneck if config.requires_grad else bottleneck.requires_grad_(False)
