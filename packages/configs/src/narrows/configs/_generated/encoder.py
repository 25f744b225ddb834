# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .encoders import dac, local_attn, mimi, oobleck, same, seanet, snac, taae

if TYPE_CHECKING:
    EncoderConfig = TypeAliasType(
        "EncoderConfig",
        Annotated[
            dac.DacEncoderConfig | local_attn.LocalAttnEncoderConfig | mimi.MimiEncoderConfig | oobleck.OobleckEncoderConfig | same.SameEncoderConfig | seanet.SeanetEncoderConfig | snac.SnacEncoderConfig | taae.TaaeEncoderConfig,
            Field(discriminator='type', title='EncoderConfig'),
        ],
    )
else:
    EncoderConfig = TypeAliasType(
        'EncoderConfig',
        Annotated[Any, Tagged('type', {
            'dac': 'encoders.dac:DacEncoderConfig',
            'local_attn': 'encoders.local_attn:LocalAttnEncoderConfig',
            'mimi': 'encoders.mimi:MimiEncoderConfig',
            'oobleck': 'encoders.oobleck:OobleckEncoderConfig',
            'same': 'encoders.same:SameEncoderConfig',
            'seanet': 'encoders.seanet:SeanetEncoderConfig',
            'snac': 'encoders.snac:SnacEncoderConfig',
            'taae': 'encoders.taae:TaaeEncoderConfig',
        })],
    )
"""
Encoder, by `type`.
"""
