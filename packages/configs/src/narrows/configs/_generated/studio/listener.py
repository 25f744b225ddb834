# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioListener(ConfigModel):
    """
    Body of `POST /api/tests/{test}/sessions`: who listens. A name that has an unfinished session goes on with it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: Annotated[str, Field(max_length=100, min_length=1)]
    """
    Name or number of the listener.
    """
