# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import adversarial_weights
from ..types import positive_int


class BigVganDiscriminatorOptions(ConfigModel):
    """
    Options of `big_vgan`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    use_hinge: bool = False
    """
    Use the hinge of the reference, which lacks the margin for reconstructions; `loss_type` hinge has it.
    """
    loss_type: Literal['lsgan', 'hinge', 'rpgan'] = 'lsgan'
    """
    Objective.
    """
    periods: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [2, 3, 5, 7, 11]
    """
    Periods.
    """
    cqtd_filters: Annotated[int, Field(ge=1)] = 32
    """
    Width.
    """
    cqtd_max_filters: Annotated[int, Field(ge=1)] = 1024
    """
    Largest width.
    """
    cqtd_filters_scale: Annotated[int, Field(ge=1)] = 1
    """
    Growth of the width a layer.
    """
    cqtd_out_channels: Annotated[int, Field(ge=1)] = 1
    """
    Channels of the scores.
    """
    cqtd_in_channels: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = None
    """
    Audio channels; null for those of the model.
    """
    cqtd_dilations: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [1, 2, 4]
    """
    Dilation in time of each inner layer.
    """
    cqtd_hop_lengths: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [512, 256, 256]
    """
    Hops; multiples of two to the number of octaves less one.
    """
    cqtd_n_octaves: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [9, 9, 9]
    """
    Octaves.
    """
    cqtd_bins_per_octaves: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [24, 36, 48]
    """
    Bins an octave.
    """
    fmin: Annotated[float, Field(gt=0.0, json_schema_extra={'x-unit': 'Hz'})] = 32.7
    """
    Lowest frequency.
    """


class BigVganDiscriminatorConfig(ConfigModel):
    """
    Periods of the waveform and constant-Q spectrograms (BigVGAN, Lee et al. 2023; Gu et al. 2024).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['big_vgan']
    """
    Selects this type.
    """
    config: Annotated[BigVganDiscriminatorOptions, Field(default_factory=lambda: BigVganDiscriminatorOptions())]
    """
    Options of this type.
    """
    weights: Annotated[adversarial_weights.AdversarialWeights, Field(default_factory=lambda: adversarial_weights.AdversarialWeights())]
    """
    Weights of the generator's terms.
    """
