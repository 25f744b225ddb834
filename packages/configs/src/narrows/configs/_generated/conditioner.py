# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
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
        text_encoder,
    )

if TYPE_CHECKING:
    ConditionerConfig = TypeAliasType(
        "ConditionerConfig",
        Annotated[
            t5.T5ConditionerConfig | t5gemma.T5GemmaConditionerConfig | text_encoder.TextEncoderConditionerConfig | clap_text.CLAPTextConditionerConfig | clap_audio.CLAPAudioConditionerConfig | int.IntConditionerConfig | number.NumberConditionerConfig | list.ListConditionerConfig | phoneme.PhonemeConditionerConfig | lut.LUTConditionerConfig | pretransform.PretransformConditionerConfig | source_mix.SourceMixConditionerConfig,
            Field(discriminator='type', title='ConditionerConfig'),
        ],
    )
else:
    ConditionerConfig = TypeAliasType(
        'ConditionerConfig',
        Annotated[Any, Tagged('type', {
            't5': 'conditioners.t5:T5ConditionerConfig',
            't5gemma': 'conditioners.t5gemma:T5GemmaConditionerConfig',
            'text_encoder': 'conditioners.text_encoder:TextEncoderConditionerConfig',
            'clap_text': 'conditioners.clap_text:CLAPTextConditionerConfig',
            'clap_audio': 'conditioners.clap_audio:CLAPAudioConditionerConfig',
            'int': 'conditioners.int:IntConditionerConfig',
            'number': 'conditioners.number:NumberConditionerConfig',
            'list': 'conditioners.list:ListConditionerConfig',
            'phoneme': 'conditioners.phoneme:PhonemeConditionerConfig',
            'lut': 'conditioners.lut:LUTConditionerConfig',
            'pretransform': 'conditioners.pretransform:PretransformConditionerConfig',
            'source_mix': 'conditioners.source_mix:SourceMixConditionerConfig',
        })],
    )
"""
Conditioner, by `type`.
"""
