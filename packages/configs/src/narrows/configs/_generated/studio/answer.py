# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

RatingsAdditionalProperty = TypeAliasType(
    "RatingsAdditionalProperty", Annotated[float, Field(ge=0.0, le=100.0)]
)


class StudioAnswer(ConfigModel):
    """
    Body of `POST /api/sessions/{session}/trials/{trial}`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    choice: Literal['A', 'B', 'none'] | None = None
    """
    ABX: which of A and B X is. Preference: which is better, or none.
    """
    ratings: dict[str, RatingsAdditionalProperty] = {}
    """
    MUSHRA: quality from 0 to 100 by label.
    """
