# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import auto, name, names, odd_ints, positive_int


class AutoencoderDCEncoderOptions(ConfigModel):
    """
    Options of `autoencoder_dc`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    input_size: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Channels of the spectrogram.
    """
    latent_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 32
    """
    Latent channels of a place in the map of features; the same in encoder and decoder. The encoder gives twice as many, mean and scale of a variational bottleneck.
    """
    attention_head_dim: Annotated[int, Field(ge=1)] = 32
    """
    Width of a head.
    """
    encoder_block_types: name.Name | names.Names = 'ResBlock'
    """
    Block of each stage, or of all.
    """
    encoder_block_out_channels: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [128, 256, 512, 512, 1024, 1024]
    """
    Width of each stage.
    """
    encoder_layers_per_block: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [2, 2, 2, 3, 3, 3]
    """
    Layers of each stage.
    """
    encoder_qkv_multiscales: Annotated[
        list[odd_ints.KernelSizes], Field(min_length=1)
    ] = [[], [], [], [5], [5], [5]]
    """
    Kernels of the multi-scale attention of each stage.
    """
    scaling_factor: Annotated[
        float, Field(json_schema_extra={'x-nonzero': True, 'x-role': 'compatibility'})
    ] = 1.0
    """
    Accepted for old files and without effect: only the decoder scales.
    """
    downsample_block_type: Literal['pixel_unshuffle', 'Conv'] = 'pixel_unshuffle'
    """
    Downsampling.
    """
    encoder_out_shortcut: bool = True
    """
    A shortcut at the end.
    """


class AutoencoderDCEncoderConfig(ConfigModel):
    """
    Encoder of AutoencoderDC of the package diffusers, on spectrograms.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-encoder-gives': 2},
    )
    type: Literal['autoencoder_dc']
    """
    Selects this type.
    """
    config: Annotated[AutoencoderDCEncoderOptions, Field(default_factory=lambda: AutoencoderDCEncoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
