# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .decoders import dac, local_attn, mimi, oobleck, same, seanet, snac, taae, vocos

if TYPE_CHECKING:
    DecoderConfig = TypeAliasType(
        "DecoderConfig",
        Annotated[
            dac.DacDecoderConfig | local_attn.LocalAttnDecoderConfig | mimi.MimiDecoderConfig | oobleck.OobleckDecoderConfig | same.SameDecoderConfig | seanet.SeanetDecoderConfig | snac.SnacDecoderConfig | taae.TaaeDecoderConfig | vocos.VocosDecoderConfig,
            Field(discriminator='type', title='DecoderConfig'),
        ],
    )
else:
    DecoderConfig = TypeAliasType(
        'DecoderConfig',
        Annotated[Any, Tagged('type', {
            'dac': 'decoders.dac:DacDecoderConfig',
            'local_attn': 'decoders.local_attn:LocalAttnDecoderConfig',
            'mimi': 'decoders.mimi:MimiDecoderConfig',
            'oobleck': 'decoders.oobleck:OobleckDecoderConfig',
            'same': 'decoders.same:SameDecoderConfig',
            'seanet': 'decoders.seanet:SeanetDecoderConfig',
            'snac': 'decoders.snac:SnacDecoderConfig',
            'taae': 'decoders.taae:TaaeDecoderConfig',
            'vocos': 'decoders.vocos:VocosDecoderConfig',
        })],
    )
"""
Decoder, by `type`.
"""
