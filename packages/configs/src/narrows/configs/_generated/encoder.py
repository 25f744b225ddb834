# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .encoders import dac, local_attn, oobleck, same, seanet, taae

EncoderConfig = TypeAliasType(
    "EncoderConfig",
    Annotated[
        dac.DacEncoderConfig | local_attn.LocalAttnEncoderConfig | oobleck.OobleckEncoderConfig | same.SameEncoderConfig | seanet.SeanetEncoderConfig | taae.TaaeEncoderConfig,
        Field(discriminator='type', title='EncoderConfig'),
    ],
)
"""
Encoder, by `type`.
"""
