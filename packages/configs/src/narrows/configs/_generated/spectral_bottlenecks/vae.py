# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class SpectralVAEBottleneckOptions(ConfigModel):
    """
    Options of `vae`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


class SpectralVAEBottleneckConfig(ConfigModel):
    """
    Variational bottleneck, real or complex. Reports `kl`.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-encoder-channels': 2, 'x-losses': ['kl']},
    )
    type: Literal['vae'] = 'vae'
    """
    Selects this type.
    """
    config: Annotated[SpectralVAEBottleneckOptions, Field(default_factory=lambda: SpectralVAEBottleneckOptions())]
    """
    Options of this type.
    """
