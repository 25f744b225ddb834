# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import natural


class DelayPatternConfig(ConfigModel):
    """
    Each codebook a step after the one before (Copet et al. 2023).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['delay']
    """
    Selects this type.
    """
    delays: Annotated[
        list[natural.Natural] | None,
        Field(json_schema_extra={'x-unit': 'steps'}, min_length=1),
    ] = None
    """
    Delay of each codebook; null for 0, 1, 2 ...
    """
    flatten_first: Annotated[
        int, Field(ge=0, json_schema_extra={'x-unit': 'latent frames'})
    ] = 0
    """
    Frames at the start whose codebooks are predicted one by one.
    """
    empty_initial: Annotated[
        int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})
    ] = 0
    """
    Empty steps at the start.
    """
