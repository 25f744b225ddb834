# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import adversarial_weights


class OobleckDiscriminatorOptions(ConfigModel):
    """
    Options of `oobleck`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    in_channels: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = None
    """
    Audio channels; null for those of the model.
    """
    loss_type: Literal['hinge', 'lsgan', 'rpgan'] = 'hinge'
    """
    Objective.
    """


class OobleckDiscriminatorConfig(ConfigModel):
    """
    Convolutions over the waveform at three scales and five periods (Oobleck; after MelGAN and HiFi-GAN).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['oobleck']
    """
    Selects this type.
    """
    config: Annotated[OobleckDiscriminatorOptions, Field(default_factory=lambda: OobleckDiscriminatorOptions())]
    """
    Options of this type.
    """
    weights: Annotated[adversarial_weights.AdversarialWeights, Field(default_factory=lambda: adversarial_weights.AdversarialWeights())]
    """
    Weights of the generator's terms.
    """
