# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .spectral_bottlenecks import identity, skip, vae

SpectralBottleneckConfig = TypeAliasType(
    "SpectralBottleneckConfig",
    Annotated[
        vae.SpectralVAEBottleneckConfig | skip.SkipBottleneckConfig | identity.IdentityBottleneckConfig,
        Field(discriminator='type', title='SpectralBottleneckConfig'),
    ],
)
"""
Bottleneck of a spectral autoencoder, by `type`.
"""
