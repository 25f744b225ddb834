# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ConstantLROptions(ConfigModel):
    """
    Arguments of `ConstantLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    factor: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3333333333333333
    """
    Factor of the rate until `total_iters`.
    """
    total_iters: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 5
    """
    Steps until the end of the change.
    """


class ConstantLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.ConstantLR. A constant factor for the first steps.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['ConstantLR']
    """
    Selects this type.
    """
    config: Annotated[ConstantLROptions, Field(default_factory=lambda: ConstantLROptions())]
    """
    Arguments.
    """
