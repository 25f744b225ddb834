# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class MusicLMPatternConfig(ConfigModel):
    """
    Coarse codebooks of the whole sequence first, then the fine ones (Agostinelli et al. 2023).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['musiclm']
    """
    Selects this type.
    """
    group_by: Annotated[int, Field(ge=1)] = 2
    """
    Codebooks of a group.
    """
