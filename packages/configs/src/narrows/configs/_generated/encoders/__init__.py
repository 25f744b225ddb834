# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dac import DacEncoderConfig, DacEncoderOptions
if TYPE_CHECKING:
    from .local_attn import LocalAttnEncoderConfig, LocalAttnEncoderOptions
if TYPE_CHECKING:
    from .mimi import MimiEncoderConfig, MimiEncoderOptions
if TYPE_CHECKING:
    from .oobleck import OobleckEncoderConfig, OobleckEncoderOptions
if TYPE_CHECKING:
    from .same import SameEncoderConfig, SameEncoderOptions
if TYPE_CHECKING:
    from .seanet import SeanetEncoderConfig, SeanetEncoderOptions
if TYPE_CHECKING:
    from .snac import SnacEncoderConfig, SnacEncoderOptions
if TYPE_CHECKING:
    from .taae import TaaeEncoderConfig, TaaeEncoderOptions

__all__ = [
    "DacEncoderConfig",
    "DacEncoderOptions",
    "LocalAttnEncoderConfig",
    "LocalAttnEncoderOptions",
    "MimiEncoderConfig",
    "MimiEncoderOptions",
    "OobleckEncoderConfig",
    "OobleckEncoderOptions",
    "SameEncoderConfig",
    "SameEncoderOptions",
    "SeanetEncoderConfig",
    "SeanetEncoderOptions",
    "SnacEncoderConfig",
    "SnacEncoderOptions",
    "TaaeEncoderConfig",
    "TaaeEncoderOptions",
]

_PLACES = {
    'DacEncoderConfig': 'dac',
    'DacEncoderOptions': 'dac',
    'LocalAttnEncoderConfig': 'local_attn',
    'LocalAttnEncoderOptions': 'local_attn',
    'MimiEncoderConfig': 'mimi',
    'MimiEncoderOptions': 'mimi',
    'OobleckEncoderConfig': 'oobleck',
    'OobleckEncoderOptions': 'oobleck',
    'SameEncoderConfig': 'same',
    'SameEncoderOptions': 'same',
    'SeanetEncoderConfig': 'seanet',
    'SeanetEncoderOptions': 'seanet',
    'SnacEncoderConfig': 'snac',
    'SnacEncoderOptions': 'snac',
    'TaaeEncoderConfig': 'taae',
    'TaaeEncoderOptions': 'taae',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

