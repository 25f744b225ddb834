# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioSoundFile(ConfigModel):
    """
    Body of `POST /api/sounds/file`: a file of one of the folders that the studio was given.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    folder: Annotated[int, Field(ge=0)]
    """
    Position of the folder in `GET /api/status`, from 0.
    """
    path: Annotated[str, Field(max_length=4096, min_length=1)]
    """
    Path below it.
    """
