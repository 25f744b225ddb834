# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PolynomialLROptions(ConfigModel):
    """
    Arguments of `PolynomialLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    total_iters: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'steps'})] = 5
    """
    Steps until the end of the change.
    """
    power: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Exponent.
    """


class PolynomialLRConfig(ConfigModel):
    """
    torch.optim.lr_scheduler.PolynomialLR. Falls to zero as a power of the steps left.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['PolynomialLR']
    """
    Selects this type.
    """
    config: Annotated[PolynomialLROptions, Field(default_factory=lambda: PolynomialLROptions())]
    """
    Arguments.
    """
