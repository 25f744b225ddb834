# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SpectralNormOptions(ConfigModel):
    """
    Arguments of a normalisation.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    num_groups: Annotated[int | None, Field(ge=1)] = None
    """
    Groups of `time_group_norm`; null for 1.
    """
    eps: Annotated[float | None, Field(gt=0.0)] = None
    """
    Numeric floor; null for the usual one.
    """
