# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class DacEncoderOptions(ConfigModel):
    """
    Options of `dac`.
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
    latent_dim: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = None
    """
    Output channels, by a projection; twice the model's `latent_dim` for variational bottlenecks. Null leaves the last width, `d_model * 2^len(strides)`.
    """
    d_model: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'base-width'})] = (
        64
    )
    """
    Width of the first stage; each stage doubles it.
    """
    strides: Annotated[
        list[positive_int.PositiveInt],
        Field(json_schema_extra={'x-role': 'strides'}, min_length=1),
    ] = [2, 4, 8, 8]
    """
    Downsampling of each stage.
    """
    exact_length: bool = False
    """
    Keep the length at stride 1. As in the reference, and so in its trained weights, a stage of stride 1 gives one frame more without it; other strides do not differ on whole frames.
    """


class DacEncoderConfig(ConfigModel):
    """
    Encoder of the Descript Audio Codec (Kumar et al. 2023), as stable-audio-tools wraps it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dac']
    """
    Selects this type.
    """
    config: Annotated[DacEncoderOptions, Field(default_factory=lambda: DacEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
