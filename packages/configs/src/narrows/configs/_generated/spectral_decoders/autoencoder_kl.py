# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import auto, name, positive_int


class AutoencoderKLDecoderOptions(ConfigModel):
    """
    Options of `autoencoder_kl`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Channels of the spectrogram.
    """
    up_block_types: Annotated[
        list[name.Name], Field(min_length=1)
    ] = ['UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D', 'UpDecoderBlock2D']
    """
    Block of each stage.
    """
    latent_channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'latent-channels'})
    ] = 4
    """
    Latent channels of a place in the map of features; the same in encoder and decoder.
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
    scaling_factor: Annotated[float, Field(json_schema_extra={'x-nonzero': True})] = (
        0.18215
    )
    """
    Latents are divided by it.
    """
    use_post_quant_conv: bool = True
    """
    A convolution in front.
    """


class AutoencoderKLDecoderConfig(ConfigModel):
    """
    Decoder of AutoencoderKL of the package diffusers, to spectrograms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['autoencoder_kl']
    """
    Selects this type.
    """
    config: Annotated[AutoencoderKLDecoderOptions, Field(default_factory=lambda: AutoencoderKLDecoderOptions())]
    """
    Options of this type.
    """
    requires_grad: bool = True
    """
    Whether the parameters are trained; false freezes them.
    """
