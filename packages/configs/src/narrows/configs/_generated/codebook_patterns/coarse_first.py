# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import natural


class CoarseFirstPatternConfig(ConfigModel):
    """
    The first codebook of the whole sequence, then all others.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['coarse_first']
    """
    Selects this type.
    """
    delays: Annotated[
        list[natural.Natural] | None,
        Field(json_schema_extra={'x-unit': 'steps'}, min_length=1),
    ] = None
    """
    Delay of the other codebooks; null for none.
    """
