# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .clap_audio import CLAPAudioConditionerConfig, CLAPAudioConditionerOptions
from .clap_text import CLAPTextConditionerConfig, CLAPTextConditionerOptions
from .int import IntConditionerConfig, IntConditionerOptions
from .list import ListConditionerConfig, ListConditionerOptions
from .lut import LUTConditionerConfig, LUTConditionerOptions
from .number import NumberConditionerConfig, NumberConditionerOptions
from .phoneme import PhonemeConditionerConfig, PhonemeConditionerOptions
from .pretransform import PretransformConditionerConfig, PretransformConditionerOptions
from .source_mix import SourceMixConditionerConfig, SourceMixConditionerOptions
from .t5 import T5ConditionerConfig, T5ConditionerOptions
from .t5gemma import T5GemmaConditionerConfig, T5GemmaConditionerOptions

__all__ = [
    "CLAPAudioConditionerConfig",
    "CLAPAudioConditionerOptions",
    "CLAPTextConditionerConfig",
    "CLAPTextConditionerOptions",
    "IntConditionerConfig",
    "IntConditionerOptions",
    "LUTConditionerConfig",
    "LUTConditionerOptions",
    "ListConditionerConfig",
    "ListConditionerOptions",
    "NumberConditionerConfig",
    "NumberConditionerOptions",
    "PhonemeConditionerConfig",
    "PhonemeConditionerOptions",
    "PretransformConditionerConfig",
    "PretransformConditionerOptions",
    "SourceMixConditionerConfig",
    "SourceMixConditionerOptions",
    "T5ConditionerConfig",
    "T5ConditionerOptions",
    "T5GemmaConditionerConfig",
    "T5GemmaConditionerOptions",
]
