# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay


class AdamaxOptions(ConfigModel):
    """
    Arguments of `Adamax`.
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
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """


class AdamaxConfig(ConfigModel):
    """
    torch.optim.Adamax.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Adamax']
    """
    Selects this type.
    """
    config: AdamaxOptions
    """
    Arguments.
    """
