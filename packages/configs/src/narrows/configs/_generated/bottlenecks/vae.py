# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class VAEBottleneckOptions(ConfigModel):
    """
    Options of `vae`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


class VAEBottleneckConfig(ConfigModel):
    """
    Variational bottleneck: the encoder gives mean and scale (twice the latent channels), the latent is sampled. Reports `kl`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-encoder-channels': 2, 'x-losses': ['kl']},
    )
    type: Literal['vae']
    """
    Selects this type.
    """
    config: Annotated[VAEBottleneckOptions, Field(default_factory=lambda: VAEBottleneckOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
