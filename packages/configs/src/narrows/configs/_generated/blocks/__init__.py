# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attention import AttentionOptions
if TYPE_CHECKING:
    from .depth_transformer import DepthTransformerOptions
if TYPE_CHECKING:
    from .feed_forward import FeedForwardOptions
if TYPE_CHECKING:
    from .norm import NormOptions

__all__ = [
    "AttentionOptions",
    "DepthTransformerOptions",
    "FeedForwardOptions",
    "NormOptions",
]

_PLACES = {
    'AttentionOptions': 'attention',
    'DepthTransformerOptions': 'depth_transformer',
    'FeedForwardOptions': 'feed_forward',
    'NormOptions': 'norm',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

