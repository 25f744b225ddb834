# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class IntConditionerOptions(ConfigModel):
    """
    Options of `int`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    min_val: int = 0
    """
    Least value; smaller ones become it.
    """
    max_val: int = 512
    """
    Greatest value; greater ones become it.
    """
    out_of_range: Literal['error', 'clamp'] = 'error'
    """
    What a request does with a value outside the range: refuse it, or take the nearest. Batches of training always take the nearest.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class IntConditionerConfig(ConfigModel):
    """
    A learned vector for every integer of a range.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'vector'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['int']
    """
    Selects this type.
    """
    config: Annotated[IntConditionerOptions, Field(default_factory=lambda: IntConditionerOptions())]
    """
    Options of this type.
    """
