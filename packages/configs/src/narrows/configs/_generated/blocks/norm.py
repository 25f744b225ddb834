# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class NormOptions(ConfigModel):
    """
    Options of the layer norms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    bias: bool = False
    """
    Add a learned bias.
    """
    fix_scale: bool = False
    """
    Keep the scale at one.
    """
    force_fp32: bool = False
    """
    Compute in float32 whatever the precision of the model.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-05
    """
    Numeric floor.
    """
