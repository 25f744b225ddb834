# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged, lazy_attribute
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from . import adp_uncond_1d, dau1d, dit
if TYPE_CHECKING:
    from .adp_uncond_1d import ADPUncond1dConfig
if TYPE_CHECKING:
    from .dau1d import UnconditionalDAU1dConfig
if TYPE_CHECKING:
    from .dit import UnconditionalDiTConfig

__all__ = [
    "ADPUncond1dConfig",
    "UnconditionalDAU1dConfig",
    "UnconditionalDiTConfig",
    "UnconditionalDiffusionConfig",
]


if TYPE_CHECKING:
    UnconditionalDiffusionConfig = TypeAliasType(
        "UnconditionalDiffusionConfig",
        Annotated[
            dit.UnconditionalDiTConfig | adp_uncond_1d.ADPUncond1dConfig | dau1d.UnconditionalDAU1dConfig,
            Field(discriminator='type', title='UnconditionalDiffusionConfig'),
        ],
    )
else:
    UnconditionalDiffusionConfig = TypeAliasType(
        'UnconditionalDiffusionConfig',
        Annotated[Any, Tagged('type', {
            'dit': 'unconditional_diffusion.dit:UnconditionalDiTConfig',
            'adp_uncond_1d': 'unconditional_diffusion.adp_uncond_1d:ADPUncond1dConfig',
            'DAU1d': 'unconditional_diffusion.dau1d:UnconditionalDAU1dConfig',
        })],
    )
"""
What is below `model` of a `diffusion_uncond` file, by `type`.
"""

_PLACES = {
    'ADPUncond1dConfig': 'adp_uncond_1d',
    'UnconditionalDAU1dConfig': 'dau1d',
    'UnconditionalDiTConfig': 'dit',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

