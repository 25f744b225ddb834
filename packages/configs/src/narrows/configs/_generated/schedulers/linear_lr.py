# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LinearLROptions(ConfigModel):
    """
    Arguments of `LinearLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    start_factor: Annotated[float, Field(gt=0.0, le=1.0)] = 0.3333333333333333
    """
    Factor at the first step.
    """
    end_factor: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """
    Factor at the end.
    """
    total_iters: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 5
    """
    Steps until the end of the change.
    """


class LinearLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.LinearLR. A factor that changes linearly: a linear warm-up.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['LinearLR']
    """
    Selects this type.
    """
    config: Annotated[LinearLROptions, Field(default_factory=lambda: LinearLROptions())]
    """
    Arguments.
    """
