# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class L2BottleneckOptions(ConfigModel):
    """
    Options of `l2_norm`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


class L2BottleneckConfig(ConfigModel):
    """
    Projects every latent frame to the unit sphere, on encode and on decode.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['l2_norm']
    """
    Selects this type.
    """
    config: Annotated[L2BottleneckOptions, Field(default_factory=lambda: L2BottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
