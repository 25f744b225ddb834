# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from . import conditioner
from .types import name


class ConditioningConfig(ConfigModel):
    """
    Conditioners and their common width.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    cond_dim: Annotated[int, Field(ge=1)]
    """
    Width of what every conditioner gives, unless its `output_dim` says otherwise.
    """
    configs: list[conditioner.ConditionerConfig]
    """
    Conditioners; each is run on every batch.
    """
    default_keys: dict[str, name.Name] = {}
    """
    Metadata key to read instead where that of a conditioner is missing: id to key.
    """
    pre_encoded_keys: list[name.Name] = []
    """
    Conditioners whose metadata holds what they would give.
    """
