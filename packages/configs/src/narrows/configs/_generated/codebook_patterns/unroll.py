# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import natural


class UnrollPatternConfig(ConfigModel):
    """
    Codebooks one after the other, in groups.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['unroll']
    """
    Selects this type.
    """
    flattening: Annotated[
        list[natural.Natural] | None,
        Field(json_schema_extra={'x-unit': 'steps'}, min_length=1),
    ] = None
    """
    Step of each codebook within a frame; null for one a codebook.
    """
    delays: Annotated[
        list[natural.Natural] | None,
        Field(json_schema_extra={'x-unit': 'steps'}, min_length=1),
    ] = None
    """
    Delay of each codebook; null for none.
    """
