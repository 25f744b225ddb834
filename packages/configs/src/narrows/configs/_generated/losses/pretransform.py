# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PretransformLossWeights(ConfigModel):
    """
    Weights of the distances.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    l1: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Mean absolute error.
    """
    l2: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Mean squared error.
    """


class PretransformLossConfig(ConfigModel):
    """
    Distances in the domain of the model's pretransform: between what the encoder takes and what the decoder gives. Where no other loss looks at audio, none is made in training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    weights: PretransformLossWeights
    """
    Weights; 0 switches a term off.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weight at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
