# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LocalConditionConfig(ConfigModel):
    """
    A condition of single layers.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: Annotated[str, Field(min_length=1)]
    """
    Conditioner.
    """
    dim: Annotated[int, Field(ge=1)]
    """
    Its width.
    """
