# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class AdagradOptions(ConfigModel):
    """
    Arguments of `Adagrad`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    lr_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Decay of the learning rate.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    initial_accumulator_value: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Start of the sum of squares.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-10
    """
    Added to the denominator.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """
    fused: bool | None = None
    """
    Update in one kernel; null lets torch decide. Not together with `foreach`.
    """


class AdagradConfig(ConfigModel):
    """
    torch.optim.Adagrad.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Adagrad']
    """
    Selects this type.
    """
    config: AdagradOptions
    """
    Arguments.
    """
