# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .language_models import continuous_transformer, x_transformers

LanguageModelConfig = TypeAliasType(
    "LanguageModelConfig",
    Annotated[
        continuous_transformer.TransformerLMConfig | x_transformers.XTransformersLMConfig,
        Field(discriminator='type', title='LanguageModelConfig'),
    ],
)
"""
The `lm` block of a language model, by `type`.
"""
