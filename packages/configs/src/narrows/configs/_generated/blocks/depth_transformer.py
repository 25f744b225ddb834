# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class DepthTransformerOptions(ConfigModel):
    """
    A small transformer over the codebooks of a step (Défossez et al. 2024, Moshi).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    dim: Annotated[int, Field(ge=1)] = 256
    """
    Width; a multiple of `dim_heads`.
    """
    depth: Annotated[int, Field(ge=1)] = 2
    """
    Layers.
    """
    dim_heads: Annotated[int, Field(ge=1)] = 64
    """
    Width of a head.
    """
    ff_mult: Annotated[float, Field(gt=0.0)] = 4
    """
    Inner width of the feed-forward layers, as a multiple.
    """
    shared_weights: bool = True
    """
    One set of layers for all codebooks; false for one a codebook, as in Moshi.
    """
