# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SpectralNormOptions(ConfigModel):
    """
    Arguments of a normalisation; each only where it has it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    num_groups: Annotated[int | None, Field(ge=1)] = None
    """
    Groups of `time_group_norm`, of which the channels are a multiple; null for 1.
    """
    eps: Annotated[float | None, Field(gt=0.0)] = None
    """
    Numeric floor of a normalisation of outputs; null for the usual one.
    """
