# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import activation_params as activation_params_1
from ..types import conv_norm_params, positive_int


class SeanetDecoderOptions(ConfigModel):
    """
    Options of `seanet`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 1
    """
    Channels of the output.
    """
    dimension: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 128
    """
    Input channels: the model's `latent_dim` plus the bottleneck's `noise_augment_dim`.
    """
    n_filters: Annotated[int, Field(ge=1)] = 32
    """
    Width of the last stage; each stage before is twice as wide.
    """
    n_residual_layers: Annotated[int, Field(ge=0)] = 1
    """
    Residual units a stage.
    """
    ratios: Annotated[
        list[positive_int.PositiveInt],
        Field(
            json_schema_extra={'x-role': 'strides', 'x-order': 'decoder'}, min_length=1
        ),
    ] = [8, 5, 4, 2]
    """
    Upsampling of each stage, in the order of the stages.
    """
    activation: Literal['CELU', 'ELU', 'GELU', 'Hardshrink', 'Hardsigmoid', 'Hardswish', 'Hardtanh', 'Identity', 'LeakyReLU', 'LogSigmoid', 'Mish', 'PReLU', 'ReLU', 'ReLU6', 'SELU', 'SiLU', 'Sigmoid', 'Softplus', 'Softshrink', 'Softsign', 'Tanh', 'Tanhshrink'] = (
        'ELU'
    )
    """
    Activation, by its name in torch.nn.
    """
    activation_params: Annotated[activation_params_1.ActivationParams, Field(default_factory=lambda: activation_params_1.ActivationParams())]
    """
    Arguments of the activation.
    """
    final_activation: Literal['CELU', 'ELU', 'GELU', 'Hardshrink', 'Hardsigmoid', 'Hardswish', 'Hardtanh', 'Identity', 'LeakyReLU', 'LogSigmoid', 'Mish', 'PReLU', 'ReLU', 'ReLU6', 'SELU', 'SiLU', 'Sigmoid', 'Softplus', 'Softshrink', 'Softsign', 'Tanh', 'Tanhshrink'] | None = (
        None
    )
    """
    Activation of the output, by its name in torch.nn; null for none.
    """
    final_activation_params: activation_params_1.ActivationParams | None = None
    """
    Arguments of the final activation.
    """
    norm: Literal['none', 'weight_norm', 'spectral_norm', 'time_layer_norm', 'layer_norm', 'time_group_norm'] = (
        'weight_norm'
    )
    """
    Normalisation of each convolution: of its weights (`weight_norm`, `spectral_norm`), or of its output over channels at each time (`layer_norm`) or over channels and time (`time_group_norm`; not with `causal`). `time_layer_norm` does nothing, as in encodec: weights trained with it have none. Use `layer_norm` for what it promises.
    """
    norm_params: Annotated[conv_norm_params.ConvNormParams, Field(default_factory=lambda: conv_norm_params.ConvNormParams())]
    """
    Arguments of `layer_norm` and `time_group_norm`.
    """
    kernel_size: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = 7
    """
    Kernel of the first convolution.
    """
    last_kernel_size: Annotated[int, Field(ge=1)] = 7
    """
    Kernel of the last convolution.
    """
    residual_kernel_size: Annotated[int, Field(ge=1)] = 3
    """
    Kernel of the residual units.
    """
    dilation_base: Annotated[int, Field(ge=1)] = 2
    """
    The residual unit number i of a stage, from 0, is dilated by the i-th power of this.
    """
    causal: bool = False
    """
    No output depends on a later input.
    """
    pad_mode: Literal['reflect', 'constant', 'replicate', 'circular'] = 'reflect'
    """
    What stands beyond the ends of the signal.
    """
    true_skip: bool = False
    """
    Residual units add their input itself instead of a convolution of it.
    """
    compress: Annotated[int, Field(ge=1)] = 2
    """
    Residual units are narrower than their stage by this factor.
    """
    lstm: Annotated[int, Field(ge=0)] = 2
    """
    LSTM layers before the first stage; 0 for none.
    """
    trim_right_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 1
    """
    Share of the surplus of an upsampling convolution that is cut off at its end; the rest is cut off at its start. Other than 1 only with `causal`.
    """


class SeanetDecoderConfig(ConfigModel):
    """
    SEANet decoder of EnCodec (Défossez et al. 2022). Its `ratios` are in decoder order.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['seanet']
    """
    Selects this type.
    """
    config: Annotated[SeanetDecoderOptions, Field(default_factory=lambda: SeanetDecoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
    soft_clip: bool = False
    """
    Pass the model's output through a tanh. A sibling of `config`.
    """
