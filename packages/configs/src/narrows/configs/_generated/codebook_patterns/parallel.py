# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ParallelPatternConfig(ConfigModel):
    """
    All codebooks of a frame at once.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['parallel']
    """
    Selects this type.
    """
    empty_initial: Annotated[
        int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})
    ] = 0
    """
    Empty steps at the start.
    """
