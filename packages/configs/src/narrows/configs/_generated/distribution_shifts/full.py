# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class FullShiftConfig(ConfigModel):
    """
    Timestep shift that grows with the length of the sequence (Esser et al. 2024).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['full'] = 'full'
    """
    Selects this type.
    """
    base_shift: float = 0.5
    """
    Shift at `min_length`.
    """
    max_shift: float = 1.15
    """
    Shift at `max_length`.
    """
    max_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 4096
    """
    Longest length; greater than `min_length`.
    """
    min_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 256
    """
    Shortest length.
    """
    use_sine: bool = False
    """
    Bend the result by a sine.
    """
