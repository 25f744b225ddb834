# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import auto, name, positive_int


class AutoencoderKLEncoderOptions(ConfigModel):
    """
    Options of `autoencoder_kl`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    input_size: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Channels of the spectrogram.
    """
    down_block_types: Annotated[
        list[name.Name], Field(min_length=1)
    ] = ['DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D', 'DownEncoderBlock2D']
    """
    Block of each stage.
    """
    latent_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 4
    """
    Latent channels of a place in the map of features; the same in encoder and decoder. The encoder gives twice as many, mean and scale of a variational bottleneck.
    """
    block_out_channels: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [128, 128, 256, 256]
    """
    Width of each stage; multiples of `norm_num_groups`.
    """
    layers_per_block: Annotated[int, Field(ge=1)] = 2
    """
    Layers of each stage.
    """
    act_fn: Literal['silu', 'relu', 'gelu', 'mish'] = 'silu'
    """
    Activation.
    """
    norm_num_groups: Annotated[int, Field(ge=1)] = 32
    """
    Groups of the norms.
    """
    mid_block_add_attention: bool = True
    """
    Attention in the middle.
    """
    scaling_factor: Annotated[
        float, Field(json_schema_extra={'x-nonzero': True, 'x-role': 'compatibility'})
    ] = 0.18215
    """
    Accepted for old files and without effect: only the decoder scales.
    """


class AutoencoderKLEncoderConfig(ConfigModel):
    """
    Encoder of AutoencoderKL of the package diffusers, on spectrograms.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-encoder-gives': 2},
    )
    type: Literal['autoencoder_kl']
    """
    Selects this type.
    """
    config: Annotated[AutoencoderKLEncoderOptions, Field(default_factory=lambda: AutoencoderKLEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
