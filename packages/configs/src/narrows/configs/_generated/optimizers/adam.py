# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay


class AdamOptions(ConfigModel):
    """
    Arguments of `Adam`.
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
    amsgrad: bool = False
    """
    Use the maximum of past squared gradients.
    """
    decoupled_weight_decay: bool = False
    """
    Decay weights apart from the gradient, as AdamW does.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """
    fused: bool | None = None
    """
    Update in one kernel; null does where torch has one for the weights, unless `foreach` is given. Not together with `foreach`.
    """


class AdamConfig(ConfigModel):
    """
    torch.optim.Adam.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Adam']
    """
    Selects this type.
    """
    config: AdamOptions
    """
    Arguments.
    """
