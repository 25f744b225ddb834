# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioDemo(ConfigModel):
    """
    What a trainer left to hear at one step.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    step: int
    """
    Of the run.
    """
    files: list[str]
    """
    Names of sounds and pictures, at `/api/runs/{run}/demos/{step}/{file}`.
    """


class StudioRun(ConfigModel):
    """
    A training run.
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
    Its folder, below the one that the studio was given.
    """
    step: int
    """
    Newest step that was logged.
    """
    steps: int | None
    """
    Steps that it will have; null where its folder does not say.
    """
    updated: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    When it last logged: seconds since 1970.
    """
    report: bool
    """
    Whether it has a report, at `/api/runs/{run}/report`.
    """
    demos: list[StudioDemo]
    """
    Newest first.
    """
