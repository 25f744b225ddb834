"""Encoder and decoder of a spectral autoencoder: built from their sections, and checked against each other."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

from narrows.models.spectral.decoders import SpectralDecoder, build_spectral_decoder
from narrows.models.spectral.encoders import SpectralEncoder, build_spectral_encoder
from narrows.models.spectral.layout import ChannelLayout
from narrows.models.spectral.stft import STFT


def build_side(side: Literal["encoder", "decoder"], config: Any, layout: ChannelLayout, stft: STFT) -> Any:
    """Build the encoder or decoder of a typed section, frozen where it says so."""
    import_module(f"narrows.models.spectral.{side}s.{config.type}")
    build: Any = build_spectral_encoder if side == "encoder" else build_spectral_decoder
    module = build(config, layout.model_channels, stft.bins)
    return module if config.requires_grad else module.requires_grad_(False)


def check_pair(encoder: SpectralEncoder, decoder: SpectralDecoder, layout: ChannelLayout) -> None:
    """Raise a ValueError where encoder and decoder do not fit each other, or the spectrogram."""
    if encoder.time_stride != decoder.time_stride:
        raise ValueError(f"The encoder's time stride is {encoder.time_stride}, the decoder's {decoder.time_stride}")
    sides = (("encoder", "input_size", encoder), ("decoder", "channels", decoder))
    for side, name, module in sides:
        channels = getattr(module, name)
        if channels != layout.model_channels or module.is_complex != layout.is_complex:
            raise ValueError(
                f"The {side} has {name} {channels} and is_complex {str(module.is_complex).lower()}; the spectrogram "
                f"wants {layout.model_channels} and {str(layout.is_complex).lower()}"
            )
