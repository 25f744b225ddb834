# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .conditioners import (
    clap_audio,
    clap_text,
    int,
    list,
    lut,
    number,
    phoneme,
    pretransform,
    source_mix,
    t5,
    t5gemma,
)

ConditionerConfig = TypeAliasType(
    "ConditionerConfig",
    Annotated[
        t5.T5ConditionerConfig | t5gemma.T5GemmaConditionerConfig | clap_text.CLAPTextConditionerConfig | clap_audio.CLAPAudioConditionerConfig | int.IntConditionerConfig | number.NumberConditionerConfig | list.ListConditionerConfig | phoneme.PhonemeConditionerConfig | lut.LUTConditionerConfig | pretransform.PretransformConditionerConfig | source_mix.SourceMixConditionerConfig,
        Field(discriminator='type', title='ConditionerConfig'),
    ],
)
"""
Conditioner, by `type`.
"""
