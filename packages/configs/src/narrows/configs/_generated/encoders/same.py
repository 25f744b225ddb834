# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import attention_window, non_negative_int, positive_int


class SameEncoderOptions(ConfigModel):
    """
    Options of `same`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    in_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 2
    """
    Channels of the input.
    """
    channels: Annotated[int, Field(ge=1)] = 128
    """
    Base width.
    """
    latent_dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 32
    """
    Output channels.
    """
    c_mults: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [1, 2, 4, 8]
    """
    Width of each stage as a multiple of `channels`.
    """
    strides: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-role': 'strides'}, min_length=1),
    ] = [2, 4, 8, 8]
    """
    Downsampling of each stage; as many as `c_mults`.
    """
    transformer_depths: Annotated[
        list[non_negative_int.NonNegativeInt], Field(min_length=1)
    ] = [3, 3, 3, 3]
    """
    Transformer layers of each stage; as many as `c_mults`. A stage without layers does not resample: its stride is 1.
    """
    sliding_window: attention_window.AttentionWindow | None = None
    """
    Frames before and after itself that a token sees, counted after downsampling. Null cuts the sequence into chunks of `chunk_size` instead.
    """
    checkpointing: bool = False
    """
    Recompute layers in the backward pass to save memory.
    """
    conformer: bool = False
    """
    Add a convolution module to each layer.
    """
    layer_scale: bool = False
    """
    Learned scales of the branches instead of branches that start at zero.
    """
    causal: Literal[False] = False
    """
    Only false: the reference accepts this option and ignores it.
    """
    differential: bool = True
    """
    Differential attention (after Ye et al. 2024).
    """
    variable_stride: bool = False
    """
    One learned token for all positions of a stride, so that a call may override the strides.
    """
    sinusoidal_blocks: Annotated[int, Field(ge=0)] = 0
    """
    A number n: as in the reference, the last n - 1 layers of each stage have a sine in their feed-forward part.
    """
    mask_noise: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Level of the noise added to the learned tokens, in eval mode too, as in the reference.
    """
    conv_mapping: bool = False
    """
    Change widths by a convolution of 3 frames instead of 1.
    """
    freeze_backbone: bool = False
    """
    Freeze the transformer layers, learned tokens and the projection of latents.
    """
    chunk_size: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'frames'})] = (
        128
    )
    """
    Frames of the higher rate that attend to each other where there is no window; a multiple of each stride. Inputs are padded with zeros to whole chunks.
    """
    chunk_midpoint_shift: bool = False
    """
    Move the chunks by half their size in the second half of the layers.
    """
    dim_heads: Annotated[int, Field(ge=2)] = 128
    """
    Width of an attention head; the stage's width where that is smaller.
    """
    feat_scale: bool = False
    """
    Learned gains of the mean over tokens and of the rest.
    """
    cross_attn: Literal[False] = False
    """
    Only false: the reference builds these layers and never gives them anything to attend to.
    """
    ff_mult: Annotated[float, Field(gt=0.0)] = 3
    """
    Width of the feed-forward part as a multiple of the stage's.
    """
    mapping_bias: bool = True
    """
    Bias where widths change.
    """
    dyt: bool = True
    """
    Dynamic tanh in place of normalisations; false takes RMS norms.
    """


class SameEncoderConfig(ConfigModel):
    """
    Transformer encoder of Stable Audio 3 (SAME): one learned token a stride gathers its frames.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['same']
    """
    Selects this type.
    """
    config: Annotated[SameEncoderOptions, Field(default_factory=lambda: SameEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
