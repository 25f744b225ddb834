# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import name


class ListConditionerOptions(ConfigModel):
    """
    Options of `list`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    options: Annotated[list[name.Name], Field(min_length=1)]
    """
    Words.
    """
    out_of_range: Literal['error', 'clamp'] = 'error'
    """
    What a request does with a word that is not in the list: refuse it, or take the vector of unknown words. Batches of training always take that vector.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class ListConditionerConfig(ConfigModel):
    """
    A learned vector for every word of a list.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'vector'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['list']
    """
    Selects this type.
    """
    config: ListConditionerOptions
    """
    Options of this type.
    """
