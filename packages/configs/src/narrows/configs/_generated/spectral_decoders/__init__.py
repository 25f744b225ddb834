# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .autoencoder_dc import AutoencoderDCDecoderConfig, AutoencoderDCDecoderOptions
from .autoencoder_kl import AutoencoderKLDecoderConfig, AutoencoderKLDecoderOptions
from .seanet2d import SEANet2dDecoderConfig, SEANet2dDecoderOptions

__all__ = [
    "AutoencoderDCDecoderConfig",
    "AutoencoderDCDecoderOptions",
    "AutoencoderKLDecoderConfig",
    "AutoencoderKLDecoderOptions",
    "SEANet2dDecoderConfig",
    "SEANet2dDecoderOptions",
]
