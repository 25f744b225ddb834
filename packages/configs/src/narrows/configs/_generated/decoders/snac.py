# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class SnacDecoderOptions(ConfigModel):
    """
    Options of `snac`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    out_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 1
    """
    Channels of the output.
    """
    latent_dim: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 768
    """
    Input channels of each joined frame.
    """
    channels: Annotated[int, Field(ge=1)] = 1024
    """
    Width of the first stage; each stage halves it.
    """
    rates: Annotated[
        list[positive_int.PositiveInt],
        Field(
            json_schema_extra={'x-role': 'strides', 'x-order': 'decoder'}, min_length=1
        ),
    ] = [8, 8, 4, 2]
    """
    Upsampling of each stage, in decoder order: the encoder's `strides` backwards.
    """
    depthwise: bool = True
    """
    Convolutions of the residual units work on each channel alone.
    """
    noise: bool = True
    """
    Each stage adds noise, as loud as a projection of its channels says: in training, and where `decode` is given a `noise_generator`; otherwise its mean, zero.
    """
    attn_window_size: Annotated[int | None, Field(ge=1)] = None
    """
    Frames of the windows that attention sees, each alone; null for no attention. It needs a width that is a multiple of 64.
    """
    fold: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'fold'})] = 4
    """
    Frames that are joined into one latent frame, which has their channels one below the other: the time of the coarsest code, and a multiple of the attention's window.
    """


class SnacDecoderConfig(ConfigModel):
    """
    Decoder of SNAC (Siuzdak et al. 2024): that of the Descript Audio Codec with depthwise convolutions, noise and attention in windows. Its output passes a tanh.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['snac']
    """
    Selects this type.
    """
    config: Annotated[SnacDecoderOptions, Field(default_factory=lambda: SnacDecoderOptions())]
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
