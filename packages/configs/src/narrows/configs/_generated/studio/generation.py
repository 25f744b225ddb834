# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import generation
from . import sound


class StudioGeneration(ConfigModel):
    """
    A request and the sounds that a model made of it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    What other calls name it.
    """
    model: str
    """
    That was asked.
    """
    created: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Time in seconds since 1970.
    """
    request: generation.GenerationRequest
    """
    As it was asked, with the length and the seed that were taken.
    """
    count: int
    """
    Sounds that were asked for.
    """
    command: str
    """
    The same as a line of `narrows generate`, for a POSIX shell; it writes a prompt file first where options cannot say it.
    """
    previews: int
    """
    How many previews were made so far; the newest is at `/api/generations/{generation}/preview`.
    """
    sounds: list[sound.StudioSound]
    """
    What was made; empty until it is done.
    """
