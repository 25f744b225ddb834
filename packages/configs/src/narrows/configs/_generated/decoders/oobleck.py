# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class OobleckDecoderOptions(ConfigModel):
    """
    Options of `oobleck`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    out_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 2
    """
    Channels of the output.
    """
    channels: Annotated[int, Field(ge=1)] = 128
    """
    Base width.
    """
    latent_dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 32
    """
    Input channels: the model's `latent_dim` plus the bottleneck's `noise_augment_dim`.
    """
    c_mults: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [1, 2, 4, 8]
    """
    Width of each stage as a multiple of `channels`, in encoder order.
    """
    strides: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-role': 'strides'}, min_length=1),
    ] = [2, 4, 8, 8]
    """
    Upsampling of each stage, in encoder order; as many as `c_mults`.
    """
    use_snake: bool = False
    """
    Snake activations with learned frequency instead of ELU.
    """
    antialias_activation: bool = False
    """
    Anti-alias the activations of the blocks and the last one.
    """
    use_nearest_upsample: bool = False
    """
    Upsample by repetition and convolution instead of transposed convolution.
    """
    final_tanh: bool = True
    """
    End with a tanh.
    """
    exact_length: bool = False
    """
    Give exactly L times the product of `strides` samples. As in the reference, and so in its trained weights, each stage with an odd stride gives one sample less without it. Nearest upsampling is always exact.
    """
    lstm: Annotated[int, Field(ge=0)] = 0
    """
    LSTM layers with a skip connection in front of the first stage, as BigCodec has; 0 for none.
    """
    antialias_blocks: bool = False
    """
    Anti-alias the activations of the residual units as well.
    """
    final_bias: bool = False
    """
    Give the last convolution a bias.
    """
    shortcuts: bool = False
    """
    Repeat channels around each stage and around the first convolution, as LongCat-AudioDiT does; widths must divide.
    """


class OobleckDecoderConfig(ConfigModel):
    """
    Strided convolutional decoder of Stable Audio (Evans et al. 2024). Lists are given in encoder order.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['oobleck']
    """
    Selects this type.
    """
    config: Annotated[OobleckDecoderOptions, Field(default_factory=lambda: OobleckDecoderOptions())]
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
