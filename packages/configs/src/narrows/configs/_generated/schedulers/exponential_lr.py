# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ExponentialLROptions(ConfigModel):
    """
    Arguments of `ExponentialLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    gamma: Annotated[float, Field(gt=0.0)]
    """
    Factor of the rate at every step.
    """


class ExponentialLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.ExponentialLR. The rate is multiplied at every step.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['ExponentialLR']
    """
    Selects this type.
    """
    config: ExponentialLROptions
    """
    Arguments.
    """
