# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay


class NAdamOptions(ConfigModel):
    """
    Arguments of `NAdam`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    betas: Annotated[
        list[decay.Decay], Field(max_length=2, min_length=2)
    ] = [0.9, 0.999]
    """
    Decay of the moving averages of gradient and squared gradient.
    """
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Added to the denominator.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    momentum_decay: Annotated[float, Field(ge=0.0)] = 0.004
    """
    Decay of the momentum schedule.
    """
    decoupled_weight_decay: bool = False
    """
    Decay weights apart from the gradient, as AdamW does.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """


class NAdamConfig(ConfigModel):
    """
    torch.optim.NAdam.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['NAdam']
    """
    Selects this type.
    """
    config: NAdamOptions
    """
    Arguments.
    """
