# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SkipBottleneckOptions(ConfigModel):
    """
    Options of `skip`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    target_channels: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Channels that the decoder takes; null does not check.
    """


class SkipBottleneckConfig(ConfigModel):
    """
    Passes the latents through in the place of another bottleneck.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-losses': []},
    )
    type: Literal['skip']
    """
    Selects this type.
    """
    config: Annotated[SkipBottleneckOptions, Field(default_factory=lambda: SkipBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
