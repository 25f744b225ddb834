# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import average_length


class PostHocEMAConfig(ConfigModel):
    """
    Averages from which one of any length is made after the training (arXiv 2312.02696).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lengths: Annotated[
        list[average_length.AverageLength], Field(min_length=2)
    ] = [0.05, 0.1]
    """
    Lengths of the averages that are kept: deviations of their profiles, as shares of the training so far. Two suffice.
    """
    every: Annotated[int, Field(ge=1)] = 1000
    """
    Steps between snapshots of them, each of which is a file as large as the model in 32 bit. The last step has one too.
    """
