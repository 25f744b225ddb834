# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StepLROptions(ConfigModel):
    """
    Arguments of `StepLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    step_size: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})]
    """
    Steps between changes.
    """
    gamma: Annotated[float, Field(gt=0.0)] = 0.1
    """
    Factor of the rate.
    """


class StepLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.StepLR. The rate is multiplied every so many steps.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['StepLR']
    """
    Selects this type.
    """
    config: StepLROptions
    """
    Arguments.
    """
