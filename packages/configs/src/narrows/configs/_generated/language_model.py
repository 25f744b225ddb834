# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .language_models import continuous_transformer, masked, musicgen, x_transformers

if TYPE_CHECKING:
    LanguageModelConfig = TypeAliasType(
        "LanguageModelConfig",
        Annotated[
            continuous_transformer.TransformerLMConfig | x_transformers.XTransformersLMConfig | musicgen.MusicGenLMConfig | masked.MaskedLMConfig,
            Field(discriminator='type', title='LanguageModelConfig'),
        ],
    )
else:
    LanguageModelConfig = TypeAliasType(
        'LanguageModelConfig',
        Annotated[Any, Tagged('type', {
            'continuous_transformer': 'language_models.continuous_transformer:TransformerLMConfig',
            'x-transformers': 'language_models.x_transformers:XTransformersLMConfig',
            'musicgen': 'language_models.musicgen:MusicGenLMConfig',
            'masked': 'language_models.masked:MaskedLMConfig',
        })],
    )
"""
The `lm` block of a language model, by `type`.
"""
