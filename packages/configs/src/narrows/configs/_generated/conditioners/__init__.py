# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clap_audio import CLAPAudioConditionerConfig, CLAPAudioConditionerOptions
if TYPE_CHECKING:
    from .clap_text import CLAPTextConditionerConfig, CLAPTextConditionerOptions
if TYPE_CHECKING:
    from .int import IntConditionerConfig, IntConditionerOptions
if TYPE_CHECKING:
    from .list import ListConditionerConfig, ListConditionerOptions
if TYPE_CHECKING:
    from .lut import LUTConditionerConfig, LUTConditionerOptions
if TYPE_CHECKING:
    from .number import NumberConditionerConfig, NumberConditionerOptions
if TYPE_CHECKING:
    from .phoneme import PhonemeConditionerConfig, PhonemeConditionerOptions
if TYPE_CHECKING:
    from .pretransform import PretransformConditionerConfig, PretransformConditionerOptions
if TYPE_CHECKING:
    from .source_mix import SourceMixConditionerConfig, SourceMixConditionerOptions
if TYPE_CHECKING:
    from .t5 import T5ConditionerConfig, T5ConditionerOptions
if TYPE_CHECKING:
    from .t5gemma import T5GemmaConditionerConfig, T5GemmaConditionerOptions
if TYPE_CHECKING:
    from .text_encoder import TextEncoderConditionerConfig, TextEncoderConditionerOptions

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
    "TextEncoderConditionerConfig",
    "TextEncoderConditionerOptions",
]

_PLACES = {
    'CLAPAudioConditionerConfig': 'clap_audio',
    'CLAPAudioConditionerOptions': 'clap_audio',
    'CLAPTextConditionerConfig': 'clap_text',
    'CLAPTextConditionerOptions': 'clap_text',
    'IntConditionerConfig': 'int',
    'IntConditionerOptions': 'int',
    'ListConditionerConfig': 'list',
    'ListConditionerOptions': 'list',
    'LUTConditionerConfig': 'lut',
    'LUTConditionerOptions': 'lut',
    'NumberConditionerConfig': 'number',
    'NumberConditionerOptions': 'number',
    'PhonemeConditionerConfig': 'phoneme',
    'PhonemeConditionerOptions': 'phoneme',
    'PretransformConditionerConfig': 'pretransform',
    'PretransformConditionerOptions': 'pretransform',
    'SourceMixConditionerConfig': 'source_mix',
    'SourceMixConditionerOptions': 'source_mix',
    'T5ConditionerConfig': 't5',
    'T5ConditionerOptions': 't5',
    'T5GemmaConditionerConfig': 't5gemma',
    'T5GemmaConditionerOptions': 't5gemma',
    'TextEncoderConditionerConfig': 'text_encoder',
    'TextEncoderConditionerOptions': 'text_encoder',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

