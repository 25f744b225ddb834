# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .autoencoder_dc import AutoencoderDCEncoderConfig, AutoencoderDCEncoderOptions
from .autoencoder_kl import AutoencoderKLEncoderConfig, AutoencoderKLEncoderOptions
from .seanet2d import SEANet2dEncoderConfig, SEANet2dEncoderOptions

__all__ = [
    "AutoencoderDCEncoderConfig",
    "AutoencoderDCEncoderOptions",
    "AutoencoderKLEncoderConfig",
    "AutoencoderKLEncoderOptions",
    "SEANet2dEncoderConfig",
    "SEANet2dEncoderOptions",
]
