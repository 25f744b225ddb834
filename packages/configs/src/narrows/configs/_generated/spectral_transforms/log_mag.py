# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class LogMagnitudeTransformOptions(ConfigModel):
    """
    Options of `log_mag`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    eps: Annotated[float, Field(gt=0.0)] = 1e-08
    """
    Least magnitude that is divided by; what is below it fades to zero.
    """
    alpha: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Factor in `log(1 + alpha * magnitude)`.
    """
    pairs: Literal['halves', 'neighbours'] = 'halves'
    """
    Where a real spectrogram has the imaginary part of a channel: in the second half of the channels (`halves`, the layout of this library), or in the next channel (`neighbours`). EulerAudioBackbone mixes the two: choose `neighbours` only for weights that it trained on stereo with `cac`.
    """


class LogMagnitudeTransformConfig(ConfigModel):
    """
    Logarithm of the magnitude; the phase is kept.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['log_mag', 'logmag', 'log_magnitude']
    """
    Selects this type; any of its names.
    """
    config: Annotated[LogMagnitudeTransformOptions, Field(default_factory=lambda: LogMagnitudeTransformOptions())]
    """
    Options of this type.
    """
    apply_encoder: bool = True
    """
    Transform what the encoder sees.
    """
    apply_inverse: bool = True
    """
    Transform back what the decoder gives.
    """
    apply_target: bool = False
    """
    Compare transformed spectrograms in the losses; needs `apply_inverse`.
    """
