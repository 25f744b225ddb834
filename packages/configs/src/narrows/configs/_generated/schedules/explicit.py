# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

Time = TypeAliasType("Time", Annotated[float, Field(ge=0.0, le=1.0)])


class ExplicitScheduleConfig(ConfigModel):
    """
    A list of times.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['explicit']
    """
    Selects this type.
    """
    times: Annotated[list[Time], Field(min_length=2)]
    """
    Times of the model, falling from at most 1 (pure noise) to 0 (the signal).
    """
