# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .._internal_1 import PretransformConfig
from ..diffusion import dau1d


class UnconditionalDAU1dConfig(ConfigModel):
    """
    Unconditional diffusion with the U-Net of Dance Diffusion.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['DAU1d']
    """
    Selects this type.
    """
    config: Annotated[dau1d.DAU1dOptions, Field(default_factory=lambda: dau1d.DAU1dOptions())]
    """
    Options of the backbone.
    """
    pretransform: PretransformConfig | None = None
    """
    Transform to the latents that are diffused; null diffuses audio.
    """
