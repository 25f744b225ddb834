# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class OobleckEncoderOptions(ConfigModel):
    """
    Options of `oobleck`.
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
    Output channels; twice the model's `latent_dim` for variational bottlenecks.
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
    use_snake: bool = False
    """
    Snake activations with learned frequency instead of ELU.
    """
    antialias_activation: bool = False
    """
    Anti-alias the last activation. As in the reference, whose trained weights depend on it, the blocks are not anti-aliased.
    """
    antialias_blocks: bool = False
    """
    Anti-alias the activations inside the blocks as well, which `antialias_activation` was meant to do.
    """
    exact_length: bool = False
    """
    Keep the length at stride 1. As in the reference, and so in its trained weights, a stage of stride 1 gives one frame more without it; other strides do not differ on whole frames.
    """
    lstm: Annotated[int, Field(ge=0)] = 0
    """
    LSTM layers with a skip connection behind the last stage, as BigCodec has; 0 for none.
    """
    shortcuts: bool = False
    """
    Average channels and samples around each stage and around the last convolution, in front of which there is no activation then, as LongCat-AudioDiT does; widths must divide.
    """


class OobleckEncoderConfig(ConfigModel):
    """
    Strided convolutional encoder of Stable Audio (Evans et al. 2024).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['oobleck']
    """
    Selects this type.
    """
    config: Annotated[OobleckEncoderOptions, Field(default_factory=lambda: OobleckEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
