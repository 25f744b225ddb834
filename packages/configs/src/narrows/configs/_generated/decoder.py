# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .decoders import dac, local_attn, oobleck, same, seanet, taae

DecoderConfig = TypeAliasType(
    "DecoderConfig",
    Annotated[
        dac.DacDecoderConfig | local_attn.LocalAttnDecoderConfig | oobleck.OobleckDecoderConfig | same.SameDecoderConfig | seanet.SeanetDecoderConfig | taae.TaaeDecoderConfig,
        Field(discriminator='type', title='DecoderConfig'),
    ],
)
"""
Decoder, by `type`.
"""
