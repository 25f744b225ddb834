# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SGDOptions(ConfigModel):
    """
    Arguments of `SGD`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    momentum: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Momentum.
    """
    dampening: float = 0.0
    """
    Dampening of momentum.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    nesterov: bool = False
    """
    Nesterov momentum; needs momentum and no dampening.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """
    fused: bool | None = None
    """
    Update in one kernel; null lets torch decide. Not together with `foreach`.
    """


class SGDConfig(ConfigModel):
    """
    torch.optim.SGD.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['SGD']
    """
    Selects this type.
    """
    config: SGDOptions
    """
    Arguments.
    """
