# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

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
    target_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Channels out, a multiple of those of the encoder; null takes those of the decoder.
    """


class SkipBottleneckConfig(ConfigModel):
    """
    Pass-through that repeats channels up to those of the decoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['skip'] = 'skip'
    """
    Selects this type.
    """
    config: Annotated[SkipBottleneckOptions, Field(default_factory=lambda: SkipBottleneckOptions())]
    """
    Options of this type.
    """
