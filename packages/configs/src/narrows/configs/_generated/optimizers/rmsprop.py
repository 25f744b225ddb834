# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class RMSpropOptions(ConfigModel):
    """
    Arguments of `RMSprop`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    alpha: Annotated[float, Field(ge=0.0)] = 0.99
    """
    Decay of the average of squared gradients.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Added to the denominator.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    momentum: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Momentum.
    """
    centered: bool = False
    """
    Normalise by the centred second moment.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """


class RMSpropConfig(ConfigModel):
    """
    torch.optim.RMSprop.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['RMSprop']
    """
    Selects this type.
    """
    config: RMSpropOptions
    """
    Arguments.
    """
