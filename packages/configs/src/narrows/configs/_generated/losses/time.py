# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class TimeLossOptions(ConfigModel):
    """
    There are no options.
    """

    model_config = ConfigDict(
        extra='forbid',
    )


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
    sisdr: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Negative scale-invariant signal-to-distortion ratio in dB.
    """
    sdsdr: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Negative scale-dependent signal-to-distortion ratio in dB.
    """
    mmd: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Maximum mean discrepancy of the waveforms of a batch.
    """
    stereo_image: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Angle between the channels of original and reconstruction; stereo models only.
    """


class TimeLossConfig(ConfigModel):
    """
    Distances of waveforms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Annotated[
        Literal['l1', 'l2'], Field(json_schema_extra={'x-role': 'compatibility'})
    ] = 'l1'
    """
    Only named in the files of the reference; the weights say what is on.
    """
    config: Annotated[TimeLossOptions, Field(default_factory=lambda: TimeLossOptions())]
    """
    Always empty; in the files of the reference.
    """
    weights: TimeLossWeights
    """
    Weights; 0 switches a term off.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weight at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
