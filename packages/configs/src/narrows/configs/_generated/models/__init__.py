# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .diffusion_uncond import DiffusionUncondConfig
from .lm import LMConfig, LMOptions
from .spectral_autoencoder import SpectralAutoencoderConfig, SpectralAutoencoderOptions

__all__ = [
    "DiffusionUncondConfig",
    "LMConfig",
    "LMOptions",
    "SpectralAutoencoderConfig",
    "SpectralAutoencoderOptions",
]
