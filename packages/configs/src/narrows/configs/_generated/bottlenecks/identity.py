# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class IdentityBottleneckOptions(ConfigModel):
    """
    Options of `identity`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


class IdentityBottleneckConfig(ConfigModel):
    """
    Changes nothing.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['identity']
    """
    Selects this type.
    """
    config: Annotated[IdentityBottleneckOptions, Field(default_factory=lambda: IdentityBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
