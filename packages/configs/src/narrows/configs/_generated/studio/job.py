# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioJob(ConfigModel):
    """
    Work that is queued, running or over.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: str
    """
    What other calls name it.
    """
    kind: Literal['comparison', 'generation']
    """
    Of the work.
    """
    title: str
    """
    In words.
    """
    state: Literal['queued', 'running', 'done', 'failed', 'cancelled']
    """
    Where it is.
    """
    device: str | None
    """
    Where it runs; null while it waits.
    """
    progress: Annotated[float, Field(ge=0.0, le=1.0)]
    """
    From 0 to 1.
    """
    message: str
    """
    What is being done, or why it failed.
    """
    created: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Time in seconds since 1970.
    """
    result: str | None
    """
    Id of the comparison or generation, known from the start for generations; null until then.
    """
