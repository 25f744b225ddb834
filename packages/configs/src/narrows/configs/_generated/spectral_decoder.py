# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .spectral_decoders import autoencoder_dc, autoencoder_kl, seanet2d

SpectralDecoderConfig = TypeAliasType(
    "SpectralDecoderConfig",
    Annotated[
        seanet2d.SEANet2dDecoderConfig | autoencoder_kl.AutoencoderKLDecoderConfig | autoencoder_dc.AutoencoderDCDecoderConfig,
        Field(discriminator='type', title='SpectralDecoderConfig'),
    ],
)
"""
Decoder to spectrograms, by `type`.
"""
