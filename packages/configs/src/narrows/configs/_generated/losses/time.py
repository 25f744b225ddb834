# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class TimeLossWeights(ConfigModel):
    """
    Weights of the waveform terms.
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


class TimeLossConfig(ConfigModel):
    """
    Distances of waveforms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: str = 'l1'
    """
    Kind of time-domain loss; only named in the files of the reference.
    """
    weights: TimeLossWeights
    """
    Weights; 0 switches a term off.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    The weights are multiplied by this at every step.
    """
