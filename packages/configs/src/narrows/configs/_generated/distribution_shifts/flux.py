# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class FluxShiftConfig(ConfigModel):
    """
    Timestep shift of Flux, between two lengths.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['flux']
    """
    Selects this type.
    """
    min_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 256
    """
    Shortest length.
    """
    max_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 4096
    """
    Longest length.
    """
    alpha_min: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Shift at `min_length`.
    """
    alpha_max: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Shift at `max_length`.
    """
