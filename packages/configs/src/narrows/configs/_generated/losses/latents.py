# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LatentLossWeights(ConfigModel):
    """
    Weights of the terms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    roughness: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Energy of the differences of neighbouring frames, as a share of that of white noise: a weight on the upper half of the latents' spectrum over time.
    """


class LatentLossConfig(ConfigModel):
    """
    Losses of the latents themselves.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    weights: LatentLossWeights
    """
    Weights; 0 switches a term off.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weight at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
