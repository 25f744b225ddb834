# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ASGDOptions(ConfigModel):
    """
    Arguments of `ASGD`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lr: Annotated[float, Field(gt=0.0)]
    """
    Learning rate.
    """
    lambd: Annotated[float, Field(ge=0.0)] = 0.0001
    """
    Decay term.
    """
    alpha: Annotated[float, Field(ge=0.0)] = 0.75
    """
    Exponent of the rate's decay.
    """
    t0: Annotated[float, Field(ge=0.0, json_schema_extra={'x-unit': 'steps'})] = (
        1000000.0
    )
    """
    Step at which averaging starts.
    """
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Weight decay.
    """
    foreach: bool | None = None
    """
    Update all tensors of a kind in one call; null lets torch decide.
    """


class ASGDConfig(ConfigModel):
    """
    torch.optim.ASGD.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['ASGD']
    """
    Selects this type.
    """
    config: ASGDOptions
    """
    Arguments.
    """
