# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class NumberConditionerOptions(ConfigModel):
    """
    Options of `number`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    min_val: float = 0
    """
    Least value; smaller ones become it.
    """
    max_val: float = 1
    """
    Greatest value; greater ones become it.
    """
    fourier_features_type: Literal['learned', 'expo'] = 'learned'
    """
    Learned frequencies or exponential ones (Stable Audio 3).
    """
    highest_frequency: Annotated[float | None, Field(gt=0.5)] = None
    """
    Highest of the exponential frequencies, in periods over the range. A model has to learn by heart what varies faster than its data: take no more than 2 periods for the smallest step that should be heard. Null for Stable Audio 3's 10000.
    """
    out_of_range: Literal['error', 'clamp'] = 'error'
    """
    What a request does with a value outside the range: refuse it, or take the nearest. Batches of training always take the nearest.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class NumberConditionerConfig(ConfigModel):
    """
    Fourier features of a number.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'vector'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['number']
    """
    Selects this type.
    """
    config: Annotated[NumberConditionerOptions, Field(default_factory=lambda: NumberConditionerOptions())]
    """
    Options of this type.
    """
