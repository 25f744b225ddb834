# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class SnacEncoderOptions(ConfigModel):
    """
    Options of `snac`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    in_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 1
    """
    Channels of the input.
    """
    d_model: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'base-width'})] = (
        48
    )
    """
    Width of the first stage; each stage doubles it, and the last width is that of each joined frame.
    """
    strides: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-role': 'strides'}, min_length=1),
    ] = [2, 4, 8, 8]
    """
    Downsampling of each stage.
    """
    depthwise: bool = True
    """
    Convolutions of the residual units work on each channel alone.
    """
    attn_window_size: Annotated[int | None, Field(ge=1)] = None
    """
    Frames of the windows that attention sees, each alone; null for no attention. It needs a width that is a multiple of 64.
    """
    fold: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'fold'})] = 4
    """
    Frames that are joined into one latent frame, which has their channels one below the other: the time of the coarsest code, and a multiple of the attention's window.
    """


class SnacEncoderConfig(ConfigModel):
    """
    Encoder of SNAC (Siuzdak et al. 2024): that of the Descript Audio Codec with depthwise convolutions and attention in windows. A latent frame holds as many frames as the coarsest code covers.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['snac']
    """
    Selects this type.
    """
    config: Annotated[SnacEncoderOptions, Field(default_factory=lambda: SnacEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
