# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class MimiDecoderOptions(ConfigModel):
    """
    Options of `mimi`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 1
    """
    Audio channels.
    """
    dimension: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 512
    """
    Width of the transformer and of the latents; a multiple of twice `heads`.
    """
    n_filters: Annotated[int, Field(ge=1)] = 64
    """
    Width of the stage next to the audio; each stage doubles it.
    """
    n_residual_layers: Annotated[int, Field(ge=0)] = 1
    """
    Residual units a stage.
    """
    kernel_size: Annotated[int, Field(ge=1)] = 7
    """
    Kernel of the first convolution.
    """
    last_kernel_size: Annotated[int, Field(ge=1)] = 3
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
    compress: Annotated[int, Field(ge=1)] = 2
    """
    Residual units are narrower than their stage by this factor.
    """
    ratios: Annotated[
        list[positive_int.PositiveInt],
        Field(
            json_schema_extra={'x-role': 'strides', 'x-order': 'decoder'}, min_length=2
        ),
    ] = [2, 8, 6, 5, 4]
    """
    Upsampling of each stage: the encoder's `ratios` backwards, so that the first one stands in front of the transformer.
    """
    depth: Annotated[int, Field(ge=1)] = 8
    """
    Layers of the transformer.
    """
    heads: Annotated[int, Field(ge=1)] = 8
    """
    Heads of its attention.
    """
    ff_dim: Annotated[int, Field(ge=1)] = 2048
    """
    Width of its feed-forward layers.
    """
    window: Annotated[int, Field(ge=1)] = 250
    """
    Frames that a frame attends to: itself and those just before it.
    """
    layer_scale: float = 0.01
    """
    What each layer's outputs are multiplied by at the start, a channel.
    """


class MimiDecoderConfig(ConfigModel):
    """
    Decoder of Mimi (Défossez et al. 2024): a convolution of each channel that doubles the frame rate, a causal transformer with a window, and a causal SEANet.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['mimi']
    """
    Selects this type.
    """
    config: Annotated[MimiDecoderOptions, Field(default_factory=lambda: MimiDecoderOptions())]
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
