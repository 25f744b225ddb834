# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class CosineAnnealingWarmRestartsOptions(ConfigModel):
    """
    Arguments of `CosineAnnealingWarmRestarts`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    T_0: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})]
    """
    Steps until the first restart.
    """
    T_mult: Annotated[int, Field(ge=1)] = 1
    """
    Factor of the period after each restart.
    """
    eta_min: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Smallest learning rate.
    """


class CosineAnnealingWarmRestartsConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.CosineAnnealingWarmRestarts. Falls along half a cosine, again and again.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['CosineAnnealingWarmRestarts']
    """
    Selects this type.
    """
    config: CosineAnnealingWarmRestartsOptions
    """
    Arguments.
    """
