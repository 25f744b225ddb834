# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class AdadeltaOptions(ConfigModel):
    """
    Arguments of `Adadelta`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    rho: Annotated[float, Field(ge=0.0, le=1.0)] = 0.9
    """
    Decay of the average of squared gradients.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-06
    """
    Added to the denominator.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """


class AdadeltaConfig(ConfigModel):
    """
    torch.optim.Adadelta.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Adadelta']
    """
    Selects this type.
    """
    config: AdadeltaOptions
    """
    Arguments.
    """
