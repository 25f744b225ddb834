# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class InverseLROptions(ConfigModel):
    """
    Arguments of `InverseLR`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    inv_gamma: Annotated[
        float, Field(gt=0.0, json_schema_extra={'x-unit': 'steps'})
    ] = 1.0
    """
    Steps over which the rate halves at power 1.
    """
    power: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Exponent of the decay.
    """
    warmup: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """
    Exponential warm-up factor; 0 is none.
    """
    final_lr: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Floor of the learning rate.
    """


class InverseLRConfig(ConfigModel):
    """
    Inverse decay with exponential warm-up: `lr * (1 - warmup^(step+1)) * max(final_lr/lr, (1 + step/inv_gamma)^-power)` (k-diffusion).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['InverseLR']
    """
    Selects this type.
    """
    config: Annotated[InverseLROptions, Field(default_factory=lambda: InverseLROptions())]
    """
    Arguments.
    """
