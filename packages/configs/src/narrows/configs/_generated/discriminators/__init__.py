# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .big_vgan import BigVganDiscriminatorConfig, BigVganDiscriminatorOptions
if TYPE_CHECKING:
    from .dac import DacDiscriminatorConfig, DacDiscriminatorOptions
if TYPE_CHECKING:
    from .encodec import (
        EncodecActivationParams,
        EncodecDiscriminatorConfig,
        EncodecDiscriminatorOptions,
    )
if TYPE_CHECKING:
    from .oobleck import OobleckDiscriminatorConfig, OobleckDiscriminatorOptions

__all__ = [
    "BigVganDiscriminatorConfig",
    "BigVganDiscriminatorOptions",
    "DacDiscriminatorConfig",
    "DacDiscriminatorOptions",
    "EncodecActivationParams",
    "EncodecDiscriminatorConfig",
    "EncodecDiscriminatorOptions",
    "OobleckDiscriminatorConfig",
    "OobleckDiscriminatorOptions",
]

_PLACES = {
    'BigVganDiscriminatorConfig': 'big_vgan',
    'BigVganDiscriminatorOptions': 'big_vgan',
    'DacDiscriminatorConfig': 'dac',
    'DacDiscriminatorOptions': 'dac',
    'EncodecActivationParams': 'encodec',
    'EncodecDiscriminatorConfig': 'encodec',
    'EncodecDiscriminatorOptions': 'encodec',
    'OobleckDiscriminatorConfig': 'oobleck',
    'OobleckDiscriminatorOptions': 'oobleck',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

