# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged, lazy_attribute
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from . import adp_1d, adp_cfg_1d, dit
if TYPE_CHECKING:
    from .adp_1d import ConditionalADP1dConfig
if TYPE_CHECKING:
    from .adp_cfg_1d import ConditionalADPCFG1dConfig
if TYPE_CHECKING:
    from .dit import ConditionalDiTConfig

__all__ = [
    "ConditionalADP1dConfig",
    "ConditionalADPCFG1dConfig",
    "ConditionalDiTConfig",
    "ConditionalDiffusionConfig",
]


if TYPE_CHECKING:
    ConditionalDiffusionConfig = TypeAliasType(
        "ConditionalDiffusionConfig",
        Annotated[
            dit.ConditionalDiTConfig | adp_cfg_1d.ConditionalADPCFG1dConfig | adp_1d.ConditionalADP1dConfig,
            Field(discriminator='type', title='ConditionalDiffusionConfig'),
        ],
    )
else:
    ConditionalDiffusionConfig = TypeAliasType(
        'ConditionalDiffusionConfig',
        Annotated[Any, Tagged('type', {
            'dit': 'conditional_diffusion.dit:ConditionalDiTConfig',
            'adp_cfg_1d': 'conditional_diffusion.adp_cfg_1d:ConditionalADPCFG1dConfig',
            'adp_1d': 'conditional_diffusion.adp_1d:ConditionalADP1dConfig',
        })],
    )
"""
The `diffusion` block of a conditional model, by `type`.
"""

_PLACES = {
    'ConditionalADP1dConfig': 'adp_1d',
    'ConditionalADPCFG1dConfig': 'adp_cfg_1d',
    'ConditionalDiTConfig': 'dit',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

