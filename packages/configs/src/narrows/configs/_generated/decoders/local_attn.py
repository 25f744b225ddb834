# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import non_negative_int, positive_int


class LocalAttnDecoderOptions(ConfigModel):
    """
    Options of `local_attn`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    in_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ]
    """
    Input channels: the model's `latent_dim` plus the bottleneck's `noise_augment_dim`.
    """
    out_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ]
    """
    Channels of the output.
    """
    embed_dims: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [768, 384, 192, 96]
    """
    Width of each stage; divisible by its number of heads.
    """
    heads: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [12, 12, 12, 12]
    """
    Attention heads of each stage.
    """
    depths: Annotated[
        list[non_negative_int.NonNegativeInt], Field(min_length=1)
    ] = [3, 3, 3, 3]
    """
    Transformer layers of each stage.
    """
    ratios: Annotated[
        list[positive_int.PositiveInt],
        Field(
            json_schema_extra={'x-role': 'strides', 'x-order': 'decoder'}, min_length=1
        ),
    ] = [2, 2, 2, 2]
    """
    Upsampling of each stage.
    """
    local_attn_window_size: Annotated[int | None, Field(ge=1)] = 64
    """
    Tokens that a token sees: those around it, or near an end of the sequence the nearest ones. Null for all.
    """
    causal: bool = False
    """
    No token sees a later one; a window then ends at the token itself. The reference honours this without a window only.
    """
    scale_attention: bool = False
    """
    Divide the logits of windowed attention by the square root of the head's width, as attention without a window always does. The reference does not, and weights trained with it need the default.
    """
    ff_mult: Annotated[int, Field(ge=1)] = 2
    """
    Width of the feed-forward layers as a multiple of the stage's width.
    """
    cond_dim: Literal[0] = 0
    """
    Always 0: encoders and decoders get no condition to normalise by. There for configurations that spell it out.
    """
    cross_attn_cond_dim: Literal[0] = 0
    """
    Always 0: encoders and decoders get no condition to attend to. There for configurations that spell it out.
    """


class LocalAttnDecoderConfig(ConfigModel):
    """
    Decoder of transformer layers with local attention (stable-audio-tools), each stage splitting tokens. Lists are in decoder order.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['local_attn']
    """
    Selects this type.
    """
    config: LocalAttnDecoderOptions
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
