# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class ImplicitCodebookNetwork(ConfigModel):
    """
    Sizes of a network that makes the codes of a stage from those of the stages before it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim_hidden: Annotated[int | None, Field(ge=1)] = None
    """
    Hidden width; null is the width of the codes.
    """
    depth: Annotated[int, Field(ge=1)] = 4
    """
    Residual layers.
    """
