# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged, lazy_attribute
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from . import adp_1d, dau1d, dit
if TYPE_CHECKING:
    from .adp_1d import ADP1dConfig, ADP1dOptions
if TYPE_CHECKING:
    from .adp_cfg_1d import ADPCFG1dConfig, ADPCFG1dOptions
if TYPE_CHECKING:
    from .dau1d import DAU1dConfig, DAU1dOptions
if TYPE_CHECKING:
    from .dit import DiTConfig, DiTOptions

__all__ = [
    "ADP1dConfig",
    "ADP1dOptions",
    "ADPCFG1dConfig",
    "ADPCFG1dOptions",
    "DAU1dConfig",
    "DAU1dOptions",
    "DiTConfig",
    "DiTOptions",
    "DiffusionConfig",
]


if TYPE_CHECKING:
    DiffusionConfig = TypeAliasType(
        "DiffusionConfig",
        Annotated[
            dit.DiTConfig | adp_1d.ADP1dConfig | dau1d.DAU1dConfig,
            Field(discriminator='type', title='DiffusionConfig'),
        ],
    )
else:
    DiffusionConfig = TypeAliasType(
        'DiffusionConfig',
        Annotated[Any, Tagged('type', {
            'dit': 'diffusion.dit:DiTConfig',
            'adp_1d': 'diffusion.adp_1d:ADP1dConfig',
            'DAU1d': 'diffusion.dau1d:DAU1dConfig',
        })],
    )
"""
Backbone of a diffusion autoencoder, by `type`.
"""

_PLACES = {
    'ADP1dConfig': 'adp_1d',
    'ADP1dOptions': 'adp_1d',
    'ADPCFG1dConfig': 'adp_cfg_1d',
    'ADPCFG1dOptions': 'adp_cfg_1d',
    'DAU1dConfig': 'dau1d',
    'DAU1dOptions': 'dau1d',
    'DiTConfig': 'dit',
    'DiTOptions': 'dit',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

