# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PowerNormTransformOptions(ConfigModel):
    """
    Options of `power_norm`.
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
    Exponent in `beta * magnitude ** alpha`.
    """
    beta: Annotated[float, Field(gt=0.0)] = 1.0
    """
    Scale.
    """
    pairs: Literal['halves', 'neighbours'] = 'halves'
    """
    Where a real spectrogram has the imaginary part of a channel: in the second half of the channels (`halves`, the layout of this library), or in the next channel (`neighbours`). EulerAudioBackbone mixes the two: choose `neighbours` only for weights that it trained on stereo with `cac`.
    """


class PowerNormTransformConfig(ConfigModel):
    """
    Power of the magnitude; the phase is kept.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['power_norm', 'power_mag', 'powermag', 'power']
    """
    Selects this type; any of its names.
    """
    config: Annotated[PowerNormTransformOptions, Field(default_factory=lambda: PowerNormTransformOptions())]
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
