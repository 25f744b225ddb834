# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .spectral_encoders import (
        autoencoder_dc,
        autoencoder_kl,
        patch_transformer,
        seanet2d,
    )

if TYPE_CHECKING:
    SpectralEncoderConfig = TypeAliasType(
        "SpectralEncoderConfig",
        Annotated[
            seanet2d.SEANet2dEncoderConfig | patch_transformer.PatchTransformerEncoderConfig | autoencoder_kl.AutoencoderKLEncoderConfig | autoencoder_dc.AutoencoderDCEncoderConfig,
            Field(discriminator='type', title='SpectralEncoderConfig'),
        ],
    )
else:
    SpectralEncoderConfig = TypeAliasType(
        'SpectralEncoderConfig',
        Annotated[Any, Tagged('type', {
            'seanet2d': 'spectral_encoders.seanet2d:SEANet2dEncoderConfig',
            'patch_transformer': 'spectral_encoders.patch_transformer:PatchTransformerEncoderConfig',
            'autoencoder_kl': 'spectral_encoders.autoencoder_kl:AutoencoderKLEncoderConfig',
            'autoencoder_dc': 'spectral_encoders.autoencoder_dc:AutoencoderDCEncoderConfig',
        })],
    )
"""
Encoder of spectrograms, by `type`.
"""
