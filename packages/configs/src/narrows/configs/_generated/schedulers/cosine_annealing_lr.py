# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class CosineAnnealingLROptions(ConfigModel):
    """
    Arguments of `CosineAnnealingLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    T_max: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})]
    """
    Steps of half a period.
    """
    eta_min: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Smallest learning rate.
    """


class CosineAnnealingLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.CosineAnnealingLR. Falls along half a cosine.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['CosineAnnealingLR']
    """
    Selects this type.
    """
    config: CosineAnnealingLROptions
    """
    Arguments.
    """
