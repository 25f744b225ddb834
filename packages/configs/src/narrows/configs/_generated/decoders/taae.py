# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import attention_window, non_negative_int, positive_int


class TaaeDecoderOptions(ConfigModel):
    """
    Options of `taae`.
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
    Base width. A stage's width is at most 128, or a multiple of 128, the width of an attention head.
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
    Upsampling of each stage, in encoder order; as many as `c_mults`. 1 leaves out the convolution, and so needs neighbouring widths that are equal.
    """
    transformer_depths: Annotated[
        list[non_negative_int.NonNegativeInt], Field(min_length=1)
    ] = [3, 3, 3, 3]
    """
    Transformer layers of each stage, in encoder order; as many as `c_mults`.
    """
    use_snake: bool = False
    """
    Snake activations with learned frequency; without, there are none around the convolutions, and ELU in those of `use_dilated_conv`.
    """
    sliding_window: attention_window.AttentionWindow | None = [63, 64]
    """
    Tokens before and after itself that a token sees; null for all. It holds on every device; the reference drops it where flash-attn is missing.
    """
    checkpointing: bool = False
    """
    In training, compute activations again in the backward pass instead of keeping them: less memory, more time.
    """
    conformer: bool = False
    """
    Add a convolution module to each transformer layer.
    """
    layer_scale: bool = True
    """
    Learned scales of the branches of each transformer layer, which start near zero.
    """
    use_dilated_conv: bool = False
    """
    Add three dilated residual units a stage.
    """
    exact_length: bool = False
    """
    Give exactly L times the product of `strides` samples. As in the reference, and so in its trained weights, each stage with an odd stride gives one sample less without it.
    """


class TaaeDecoderConfig(ConfigModel):
    """
    Transformer decoder of stable-audio-tools: transformer layers with rotary embeddings and upsampling convolutions. Lists are given in encoder order.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['taae']
    """
    Selects this type.
    """
    config: Annotated[TaaeDecoderOptions, Field(default_factory=lambda: TaaeDecoderOptions())]
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
