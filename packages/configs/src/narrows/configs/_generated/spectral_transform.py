# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .spectral_transforms import identity, log_mag, power_norm

SpectralTransformConfig = TypeAliasType(
    "SpectralTransformConfig",
    Annotated[
        identity.IdentityTransformConfig | log_mag.LogMagnitudeTransformConfig | power_norm.PowerNormTransformConfig,
        Field(discriminator='type', title='SpectralTransformConfig'),
    ],
)
"""
Transform of spectrograms, by `type`.
"""
