# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import auto, name, names, odd_ints, positive_int


class AutoencoderDCDecoderOptions(ConfigModel):
    """
    Options of `autoencoder_dc`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Channels of the spectrogram.
    """
    latent_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 32
    """
    Latent channels of a place in the map of features; the same in encoder and decoder.
    """
    attention_head_dim: Annotated[int, Field(ge=1)] = 32
    """
    Width of a head.
    """
    decoder_block_types: name.Name | names.Names = 'ResBlock'
    """
    Block of each stage, or of all.
    """
    decoder_block_out_channels: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [128, 256, 512, 512, 1024, 1024]
    """
    Width of each stage.
    """
    decoder_layers_per_block: Annotated[
        list[positive_int.PositiveInt], Field(min_length=1)
    ] = [3, 3, 3, 3, 3, 3]
    """
    Layers of each stage.
    """
    decoder_qkv_multiscales: Annotated[
        list[odd_ints.KernelSizes], Field(min_length=1)
    ] = [[], [], [], [5], [5], [5]]
    """
    Kernels of the multi-scale attention of each stage.
    """
    scaling_factor: Annotated[float, Field(json_schema_extra={'x-nonzero': True})] = 1.0
    """
    Latents are divided by it.
    """
    upsample_block_type: Literal['pixel_shuffle', 'interpolate'] = 'pixel_shuffle'
    """
    Upsampling.
    """
    decoder_in_shortcut: bool = True
    """
    A shortcut at the start.
    """
    decoder_norm_types: Literal['rms_norm', 'batch_norm'] = 'rms_norm'
    """
    Normalisation.
    """
    decoder_act_fns: Literal['silu', 'relu'] = 'silu'
    """
    Activation.
    """
    decoder_conv_act_fn: Literal['relu', 'silu'] = 'relu'
    """
    Activation of the last convolution.
    """


class AutoencoderDCDecoderConfig(ConfigModel):
    """
    Decoder of AutoencoderDC of the package diffusers, to spectrograms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['autoencoder_dc']
    """
    Selects this type.
    """
    config: Annotated[AutoencoderDCDecoderOptions, Field(default_factory=lambda: AutoencoderDCDecoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
