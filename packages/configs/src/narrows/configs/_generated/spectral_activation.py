# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SpectralActivationOptions(ConfigModel):
    """
    Arguments of an activation; each only where the activation has it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    alpha: Annotated[float | None, Field(gt=0.0)] = None
    """
    Of ELU and CELU; null for 1.
    """
    negative_slope: float | None = None
    """
    Of LeakyReLU; null for 0.01.
    """
    bias: float | None = None
    """
    Start of the learned bias of ModReLU; null for 0.
    """
