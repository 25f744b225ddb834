# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .spectral_transforms import identity, log_mag, power_norm

if TYPE_CHECKING:
    SpectralTransformConfig = TypeAliasType(
        "SpectralTransformConfig",
        Annotated[
            identity.IdentityTransformConfig | log_mag.LogMagnitudeTransformConfig | power_norm.PowerNormTransformConfig,
            Field(discriminator='type', title='SpectralTransformConfig'),
        ],
    )
else:
    SpectralTransformConfig = TypeAliasType(
        'SpectralTransformConfig',
        Annotated[Any, Tagged('type', {
            'identity': 'spectral_transforms.identity:IdentityTransformConfig',
            'none': 'spectral_transforms.identity:IdentityTransformConfig',
            'log_mag': 'spectral_transforms.log_mag:LogMagnitudeTransformConfig',
            'logmag': 'spectral_transforms.log_mag:LogMagnitudeTransformConfig',
            'log_magnitude': 'spectral_transforms.log_mag:LogMagnitudeTransformConfig',
            'power_norm': 'spectral_transforms.power_norm:PowerNormTransformConfig',
            'power_mag': 'spectral_transforms.power_norm:PowerNormTransformConfig',
            'powermag': 'spectral_transforms.power_norm:PowerNormTransformConfig',
            'power': 'spectral_transforms.power_norm:PowerNormTransformConfig',
        })],
    )
"""
Transform of spectrograms, by `type`.
"""
