# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .continuous_transformer import TransformerLMConfig, TransformerLMOptions
if TYPE_CHECKING:
    from .masked import MaskedDecodingOptions, MaskedLMConfig, MaskedLMOptions
if TYPE_CHECKING:
    from .musicgen import MusicGenLMConfig, MusicGenLMOptions
if TYPE_CHECKING:
    from .x_transformers import XTransformersLMConfig, XTransformersLMOptions

__all__ = [
    "MaskedDecodingOptions",
    "MaskedLMConfig",
    "MaskedLMOptions",
    "MusicGenLMConfig",
    "MusicGenLMOptions",
    "TransformerLMConfig",
    "TransformerLMOptions",
    "XTransformersLMConfig",
    "XTransformersLMOptions",
]

_PLACES = {
    'TransformerLMConfig': 'continuous_transformer',
    'TransformerLMOptions': 'continuous_transformer',
    'MaskedDecodingOptions': 'masked',
    'MaskedLMConfig': 'masked',
    'MaskedLMOptions': 'masked',
    'MusicGenLMConfig': 'musicgen',
    'MusicGenLMOptions': 'musicgen',
    'XTransformersLMConfig': 'x_transformers',
    'XTransformersLMOptions': 'x_transformers',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

