# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .continuous_transformer import TransformerLMConfig, TransformerLMOptions
from .x_transformers import XTransformersLMConfig, XTransformersLMOptions

__all__ = [
    "TransformerLMConfig",
    "TransformerLMOptions",
    "XTransformersLMConfig",
    "XTransformersLMOptions",
]
