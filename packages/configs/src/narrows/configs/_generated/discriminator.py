# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .discriminators import big_vgan, dac, encodec, oobleck

if TYPE_CHECKING:
    DiscriminatorConfig = TypeAliasType(
        "DiscriminatorConfig",
        Annotated[
            encodec.EncodecDiscriminatorConfig | oobleck.OobleckDiscriminatorConfig | dac.DacDiscriminatorConfig | big_vgan.BigVganDiscriminatorConfig,
            Field(discriminator='type', title='DiscriminatorConfig'),
        ],
    )
else:
    DiscriminatorConfig = TypeAliasType(
        'DiscriminatorConfig',
        Annotated[Any, Tagged('type', {
            'encodec': 'discriminators.encodec:EncodecDiscriminatorConfig',
            'oobleck': 'discriminators.oobleck:OobleckDiscriminatorConfig',
            'dac': 'discriminators.dac:DacDiscriminatorConfig',
            'big_vgan': 'discriminators.big_vgan:BigVganDiscriminatorConfig',
        })],
    )
"""
What tells reconstructions from originals in adversarial training, by `type`.
"""
