# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .spectral_decoders import (
        autoencoder_dc,
        autoencoder_kl,
        patch_transformer,
        seanet2d,
    )

if TYPE_CHECKING:
    SpectralDecoderConfig = TypeAliasType(
        "SpectralDecoderConfig",
        Annotated[
            seanet2d.SEANet2dDecoderConfig | patch_transformer.PatchTransformerDecoderConfig | autoencoder_kl.AutoencoderKLDecoderConfig | autoencoder_dc.AutoencoderDCDecoderConfig,
            Field(discriminator='type', title='SpectralDecoderConfig'),
        ],
    )
else:
    SpectralDecoderConfig = TypeAliasType(
        'SpectralDecoderConfig',
        Annotated[Any, Tagged('type', {
            'seanet2d': 'spectral_decoders.seanet2d:SEANet2dDecoderConfig',
            'patch_transformer': 'spectral_decoders.patch_transformer:PatchTransformerDecoderConfig',
            'autoencoder_kl': 'spectral_decoders.autoencoder_kl:AutoencoderKLDecoderConfig',
            'autoencoder_dc': 'spectral_decoders.autoencoder_dc:AutoencoderDCDecoderConfig',
        })],
    )
"""
Decoder to spectrograms, by `type`.
"""
