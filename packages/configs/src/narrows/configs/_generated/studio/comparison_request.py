# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class StudioVersionRequest(ConfigModel):
    """
    One version of a sound.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model: Annotated[str, Field(min_length=1)]
    """
    Name of a codec of `GET /api/models`.
    """
    n_quantizers: Annotated[int | None, Field(ge=1)] = None
    """
    Codebooks to use, for a lower bitrate; null for all.
    """


class StudioComparisonRequest(ConfigModel):
    """
    Body of `POST /api/comparisons`: models encode and decode a sound.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    sound: Annotated[
        str, Field(max_length=64, min_length=1, pattern='^[0-9A-Za-z_-]+$')
    ]
    """
    Id of the sound.
    """
    versions: Annotated[list[StudioVersionRequest], Field(max_length=16, min_length=1)]
    """
    What to make, in this order.
    """
    seed: Annotated[int, Field(ge=0)] = 0
    """
    Of the noise of stochastic bottlenecks.
    """
