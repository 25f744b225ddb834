# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .spectral_encoders import autoencoder_dc, autoencoder_kl, seanet2d

SpectralEncoderConfig = TypeAliasType(
    "SpectralEncoderConfig",
    Annotated[
        seanet2d.SEANet2dEncoderConfig | autoencoder_kl.AutoencoderKLEncoderConfig | autoencoder_dc.AutoencoderDCEncoderConfig,
        Field(discriminator='type', title='SpectralEncoderConfig'),
    ],
)
"""
Encoder of spectrograms, by `type`.
"""
