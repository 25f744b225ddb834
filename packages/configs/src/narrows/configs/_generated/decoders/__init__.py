# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dac import DacDecoderConfig, DacDecoderOptions
if TYPE_CHECKING:
    from .local_attn import LocalAttnDecoderConfig, LocalAttnDecoderOptions
if TYPE_CHECKING:
    from .mimi import MimiDecoderConfig, MimiDecoderOptions
if TYPE_CHECKING:
    from .oobleck import OobleckDecoderConfig, OobleckDecoderOptions
if TYPE_CHECKING:
    from .same import SameDecoderConfig, SameDecoderOptions
if TYPE_CHECKING:
    from .seanet import SeanetDecoderConfig, SeanetDecoderOptions
if TYPE_CHECKING:
    from .snac import SnacDecoderConfig, SnacDecoderOptions
if TYPE_CHECKING:
    from .taae import TaaeDecoderConfig, TaaeDecoderOptions
if TYPE_CHECKING:
    from .vocos import VocosDecoderConfig, VocosDecoderOptions

__all__ = [
    "DacDecoderConfig",
    "DacDecoderOptions",
    "LocalAttnDecoderConfig",
    "LocalAttnDecoderOptions",
    "MimiDecoderConfig",
    "MimiDecoderOptions",
    "OobleckDecoderConfig",
    "OobleckDecoderOptions",
    "SameDecoderConfig",
    "SameDecoderOptions",
    "SeanetDecoderConfig",
    "SeanetDecoderOptions",
    "SnacDecoderConfig",
    "SnacDecoderOptions",
    "TaaeDecoderConfig",
    "TaaeDecoderOptions",
    "VocosDecoderConfig",
    "VocosDecoderOptions",
]

_PLACES = {
    'DacDecoderConfig': 'dac',
    'DacDecoderOptions': 'dac',
    'LocalAttnDecoderConfig': 'local_attn',
    'LocalAttnDecoderOptions': 'local_attn',
    'MimiDecoderConfig': 'mimi',
    'MimiDecoderOptions': 'mimi',
    'OobleckDecoderConfig': 'oobleck',
    'OobleckDecoderOptions': 'oobleck',
    'SameDecoderConfig': 'same',
    'SameDecoderOptions': 'same',
    'SeanetDecoderConfig': 'seanet',
    'SeanetDecoderOptions': 'seanet',
    'SnacDecoderConfig': 'snac',
    'SnacDecoderOptions': 'snac',
    'TaaeDecoderConfig': 'taae',
    'TaaeDecoderOptions': 'taae',
    'VocosDecoderConfig': 'vocos',
    'VocosDecoderOptions': 'vocos',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

