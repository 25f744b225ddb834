# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from ._internal import DiffusionCondConfig, DiffusionCondInpaintConfig
from ._internal_1 import AutoencoderConfig
from .models import diffusion_uncond, lm, spectral_autoencoder

ModelConfig = TypeAliasType(
    "ModelConfig",
    Annotated[
        AutoencoderConfig | diffusion_uncond.DiffusionUncondConfig | DiffusionCondConfig | DiffusionCondInpaintConfig | lm.LMConfig | spectral_autoencoder.SpectralAutoencoderConfig,
        Field(discriminator='model_type', title='ModelConfig'),
    ],
)
"""
A model, by `model_type`.
"""
