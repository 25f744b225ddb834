# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioSound(ConfigModel):
    """
    One sound that the studio keeps.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    What other calls name it.
    """
    name: str
    """
    What it was called.
    """
    origin: Literal['upload', 'file', 'comparison', 'generation']
    """
    Where it came from.
    """
    sample_rate: Annotated[int, Field(json_schema_extra={'x-unit': 'Hz'})]
    """
    In Hz.
    """
    channels: int
    """
    How many.
    """
    samples: int
    """
    A channel.
    """
    seconds: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Length.
    """
    created: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Time in seconds since 1970.
    """
