# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import positive_int


class DacDecoderOptions(ConfigModel):
    """
    Options of `dac`.
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
    ] = 1024
    """
    Input channels: the model's `latent_dim` plus the bottleneck's `noise_augment_dim`.
    """
    channels: Annotated[int, Field(ge=1)] = 1536
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
    exact_length: bool = False
    """
    Give exactly L times the product of `rates` samples. As in the reference (descript-audio-codec 1.0.0), and so in its trained weights, each stage with an odd rate gives one sample less without it.
    """


class DacDecoderConfig(ConfigModel):
    """
    Decoder of the Descript Audio Codec (Kumar et al. 2023), as stable-audio-tools wraps it. Its output passes a tanh.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dac']
    """
    Selects this type.
    """
    config: Annotated[DacDecoderOptions, Field(default_factory=lambda: DacDecoderOptions())]
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
