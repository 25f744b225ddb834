# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import spectral_activation, spectral_norm
from ..types import (
    auto,
    padding_pair,
    positive_int,
    ratio_pair,
    spectral_activation_name,
)


class SEANet2dDecoderOptions(ConfigModel):
    """
    Options of `seanet2d`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Channels of the spectrogram; `auto` takes those of the data.
    """
    input_size: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 128
    """
    Latent channels.
    """
    n_filters: Annotated[int, Field(ge=1)] = 32
    """
    Base width, doubled at each stage.
    """
    n_residual_layers: Annotated[int, Field(ge=0)] = 1
    """
    Residual units of each stage.
    """
    ratios: Annotated[
        list[ratio_pair.RatioPair],
        Field(json_schema_extra={'x-role': 'ratio-pairs'}, min_length=1),
    ] = [[4, 1], [4, 1], [4, 2], [4, 1]]
    """
    Strides of each stage in frequency and time, in the order of the decoder: the encoder takes the last one first. The same in both.
    """
    activation: Literal['ELU', 'ReLU', 'LeakyReLU', 'GELU', 'SiLU', 'Mish', 'Softplus', 'Sigmoid', 'Tanh', 'Identity', 'snake', 'CReLU', 'CELU', 'ModReLU', 'ModReLUScalar', 'ComplexGELU', 'Abs_SiLU'] = (
        'ELU'
    )
    """
    Activation. On complex values CReLU and CELU work on both parts, ModReLU (a threshold a channel), ModReLUScalar (one threshold), ComplexGELU and Abs_SiLU on the magnitude; snake and Identity do for both kinds, the others for real values.
    """
    activation_params: Annotated[spectral_activation.SpectralActivationOptions, Field(default_factory=lambda: spectral_activation.SpectralActivationOptions())]
    """
    Its arguments.
    """
    norm: Literal['none', 'weight_norm', 'spectral_norm', 'time_layer_norm', 'layer_norm', 'time_group_norm', 'batch_norm'] = (
        'weight_norm'
    )
    """
    Normalisation of each convolution: of its weights (`weight_norm`, `spectral_norm`), or of its output, over channels at each bin and time (`layer_norm`), over channels, bins and times (`time_group_norm`; not with `causal`) or over a batch (`batch_norm`). Complex outputs are whitened. `time_layer_norm` does nothing, as in EulerAudioBackbone.
    """
    norm_params: Annotated[spectral_norm.SpectralNormOptions, Field(default_factory=lambda: spectral_norm.SpectralNormOptions())]
    """
    Arguments of the normalisation.
    """
    kernel_size: Annotated[int, Field(ge=1)] = 7
    """
    First kernel; odd.
    """
    last_kernel_size: Annotated[int, Field(ge=1)] = 7
    """
    Last kernel; odd.
    """
    residual_kernel_size: Annotated[int, Field(ge=1)] = 3
    """
    Kernel of the residual units; odd.
    """
    dilation_base: Annotated[int, Field(ge=1)] = 2
    """
    Growth of the dilation.
    """
    causal: bool = False
    """
    Causal in time.
    """
    pad_mode: Literal['reflect', 'constant', 'replicate', 'circular'] = 'reflect'
    """
    What stands beyond the ends of time and frequency.
    """
    true_skip: bool = False
    """
    Identity instead of a convolution in the skip connections.
    """
    compress: Annotated[int, Field(ge=1)] = 2
    """
    Narrowing inside the residual units.
    """
    seq_model: Literal['lstm', 'transformer', 'none'] = 'lstm'
    """
    Sequence model over the frames of the latents, real or complex; see `latent_seq_model`.
    """
    seq_layer_num: Annotated[int, Field(ge=1)] = 2
    """
    Layers of the sequence model.
    """
    res_seq: bool = True
    """
    A skip connection around the sequence model.
    """
    conv_group_ratio: Annotated[int, Field(ge=-1)] = -1
    """
    Half the channels of a group of the convolutions; -1 for no groups.
    """
    latent_fbins: Annotated[int, Field(ge=1)] = 1
    """
    Frequency bins that the ratios leave of the spectrogram's; they are packed into channels.
    """
    latent_seq_model: bool = False
    """
    Put the sequence model on the side of the latents of the convolution beside them, where it is narrower, instead of on the other.
    """
    double_final_conv: bool = False
    """
    Two convolutions beside the latents instead of one, where they are narrow.
    """
    is_complex: bool = False
    """
    Complex weights, for complex spectrograms: exactly where `cac` is false.
    """
    tr_conv_group_ratio: Annotated[int, Field(ge=-1)] = -1
    """
    Half the channels of a group of the transposed convolutions; -1 for no groups.
    """
    final_activation: spectral_activation_name.SpectralActivationName | None = None
    """
    Activation of the output; null for none.
    """
    final_activation_params: spectral_activation.SpectralActivationOptions | None = None
    """
    Its arguments.
    """
    trim_right_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """
    Share of the surplus of a transposed convolution that is cut off at the end; below 1 only where causal.
    """
    last_out_padding: Annotated[
        list[padding_pair.PaddingPair], Field(max_length=2, min_length=2)
    ] = [[0, 1], [0, 0]]
    """
    Bins and frames of the surplus that the last stage keeps, before and after. What is still missing to the bins of the transform is zero, what is too much is cut off.
    """


class SEANet2dDecoderConfig(ConfigModel):
    """
    Two-dimensional SEANet back to spectrograms, real or complex (EulerAudioBackbone).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['seanet2d']
    """
    Selects this type.
    """
    config: Annotated[SEANet2dDecoderOptions, Field(default_factory=lambda: SEANet2dDecoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
