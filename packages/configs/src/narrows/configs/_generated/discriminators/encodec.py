# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import adversarial_weights
from ..types import positive_int


class EncodecActivationParams(ConfigModel):
    """
    Options of the activation.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    negative_slope: float | None = None
    """
    Of LeakyReLU; null for 0.2.
    """
    alpha: float | None = None
    """
    Of ELU; null for 1.
    """


class EncodecDiscriminatorOptions(ConfigModel):
    """
    Options of `encodec`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    filters: Annotated[int, Field(ge=1)]
    """
    Width.
    """
    n_ffts: Annotated[
        list[positive_int.PositiveInt],
        Field(
            json_schema_extra={'x-unit': 'samples', 'x-role': 'windows'}, min_length=1
        ),
    ] = [1024, 2048, 512]
    """
    FFT sizes.
    """
    hop_lengths: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [256, 512, 128]
    """
    Hops.
    """
    win_lengths: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-unit': 'samples'}, min_length=1),
    ] = [1024, 2048, 512]
    """
    Window lengths; each at most its FFT size, and no longer than the audio.
    """
    out_channels: Annotated[int, Field(ge=1)] = 1
    """
    Channels of the scores.
    """
    max_filters: Annotated[int, Field(ge=1)] = 1024
    """
    Largest width.
    """
    filters_scale: Annotated[int, Field(ge=1)] = 1
    """
    Growth of the width a layer.
    """
    kernel_size: Annotated[
        list[positive_int.PositiveInt], Field(max_length=2, min_length=2)
    ] = [3, 9]
    """
    Kernel in time and frequency.
    """
    dilations: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [1, 2, 4]
    """
    Dilation in time of each inner layer.
    """
    stride: Annotated[
        list[positive_int.PositiveInt], Field(max_length=2, min_length=2)
    ] = [1, 1]
    """
    Stride of the inner layers in time and frequency.
    """
    normalized: bool = True
    """
    Divide spectra by the norm of the window.
    """
    activation: Literal['LeakyReLU', 'ReLU', 'ELU', 'SiLU', 'GELU', 'Tanh'] = (
        'LeakyReLU'
    )
    """
    Activation.
    """
    activation_params: Annotated[EncodecActivationParams, Field(default_factory=lambda: EncodecActivationParams())]
    """
    Options of the activation.
    """
    spec_scale_pow: float = 0.0
    """
    Multiply spectra by this power of their magnitude; -1 leaves only phases.
    """
    normalize_losses: bool = False
    """
    Divide each feature distance by the mean size of the real features.
    """
    loss_type: Literal['hinge', 'lsgan', 'rpgan'] = 'hinge'
    """
    Objective.
    """


class EncodecDiscriminatorConfig(ConfigModel):
    """
    Convolutions over complex spectrograms at several scales (EnCodec, Défossez et al. 2022).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['encodec']
    """
    Selects this type.
    """
    config: EncodecDiscriminatorOptions
    """
    Options of this type.
    """
    weights: Annotated[adversarial_weights.AdversarialWeights, Field(default_factory=lambda: adversarial_weights.AdversarialWeights())]
    """
    Weights of the generator's terms.
    """
