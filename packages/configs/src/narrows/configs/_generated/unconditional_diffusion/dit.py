# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict

from .._internal_1 import PretransformConfig
from ..diffusion import dit


class UnconditionalDiTConfig(ConfigModel):
    """
    Unconditional diffusion with the transformer.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dit']
    """
    Selects this type.
    """
    config: dit.DiTOptions
    """
    Options of the backbone.
    """
    pretransform: PretransformConfig | None = None
    """
    Transform to the latents that are diffused; null diffuses audio.
    """
