# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .types import name


class LoRAConfig(ConfigModel):
    """
    Adapter that is trained instead of a model (Stable Audio 3): LoRA and its relatives.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    rank: Annotated[int, Field(ge=1)] = 8
    """
    Rank of the update of each weight.
    """
    alpha: Annotated[float | None, Field(gt=0.0)] = None
    """
    Its scale is alpha / rank; null for the rank, which is a scale of 1.
    """
    adapter_type: Literal['lora', 'dora', 'dora-rows', 'dora-cols', 'bora', 'lora-xs', 'dora-xs', 'dora-rows-xs', 'dora-cols-xs', 'bora-xs'] = (
        'lora'
    )
    """
    Kind of adapter: a product of two matrices (`lora`), with trained norms of rows (`dora-rows`, also `dora`), columns (`dora-cols`) or both (`bora`); with `-xs`, a core between frozen singular vectors instead.
    """
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """
    Share of the inputs of a layer that its update leaves out in a training step.
    """
    include: list[name.Name] | None = None
    """
    Parts of the names of layers that get one, e.g. `layers.[0-5].`; null for all.
    """
    exclude: list[name.Name] | None = None
    """
    Parts of the names of layers that get none.
    """
