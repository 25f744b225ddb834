# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class TanhBottleneckOptions(ConfigModel):
    """
    Options of `tanh`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    scale: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Largest absolute value of a latent.
    """


class TanhBottleneckConfig(ConfigModel):
    """
    Bounds the latents with a scaled tanh: `tanh(x / scale) * scale`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['tanh']
    """
    Selects this type.
    """
    config: Annotated[TanhBottleneckOptions, Field(default_factory=lambda: TanhBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
