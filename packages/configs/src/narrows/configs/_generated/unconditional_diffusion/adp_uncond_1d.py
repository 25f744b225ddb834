# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict

from .._internal_1 import PretransformConfig
from ..diffusion import adp_1d


class ADPUncond1dConfig(ConfigModel):
    """
    Unconditional diffusion with the U-Net of Moûsai.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['adp_uncond_1d']
    """
    Selects this type.
    """
    config: adp_1d.ADP1dOptions
    """
    Options of the backbone.
    """
    pretransform: PretransformConfig | None = None
    """
    Transform to the latents that are diffused; null diffuses audio.
    """
