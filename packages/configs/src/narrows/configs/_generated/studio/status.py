# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioStatus(ConfigModel):
    """
    Answer of `GET /api/status`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    version: str
    """
    Of the package narrows-studio.
    """
    devices: list[str]
    """
    Where models compute; one job at a time on each.
    """
    folders: list[str]
    """
    Names of the folders of audio, in order.
    """
    runs: list[str]
    """
    Names of the folders of runs, in order.
    """
    jobs: Annotated[int, Field(ge=0)]
    """
    Jobs that wait or run.
    """
    max_upload_bytes: Annotated[int, Field(ge=0)]
    """
    Largest file that is taken.
    """
    max_seconds: Annotated[float, Field(json_schema_extra={'x-unit': 's'})]
    """
    Longest sound that is taken or made.
    """
