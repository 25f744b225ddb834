# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class AdafactorOptions(ConfigModel):
    """
    Arguments of `Adafactor`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    beta2_decay: Annotated[float, Field(le=0.0)] = -0.8
    """
    Exponent of the decay of squared gradients.
    """
    d: Annotated[float, Field(ge=1.0)] = 1.0
    """
    Clipping threshold of the update.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """


class AdafactorConfig(ConfigModel):
    """
    torch.optim.Adafactor.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['Adafactor']
    """
    Selects this type.
    """
    config: AdafactorOptions
    """
    Arguments.
    """
