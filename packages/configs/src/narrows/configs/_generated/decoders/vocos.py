# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class VocosDecoderOptions(ConfigModel):
    """
    Options of `vocos`.
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
    ] = 100
    """
    Input channels: the model's `latent_dim` plus the bottleneck's `noise_augment_dim`.
    """
    dim: Annotated[int, Field(ge=1)] = 512
    """
    Width of the blocks; with `attention` a multiple of 32.
    """
    intermediate_dim: Annotated[int, Field(ge=1)] = 1536
    """
    Width inside a block.
    """
    num_layers: Annotated[int, Field(ge=1)] = 8
    """
    ConvNeXt blocks.
    """
    attention: bool = False
    """
    Put four residual blocks and an attention over the whole clip in front of the blocks, as WavTokenizer does. Such a decoder neither streams nor works in chunks.
    """
    adanorm_num_embeddings: Annotated[int | None, Field(ge=1)] = None
    """
    Normalise with scales and shifts of so many conditions, e.g. bandwidths; null has one scale and shift.
    """
    condition: Annotated[int, Field(ge=0)] = 0
    """
    Which of these conditions is used, counted from 0.
    """
    n_fft: Annotated[int, Field(ge=2, json_schema_extra={'x-unit': 'samples'})] = 1024
    """
    Length of the inverse STFT and of its Hann window.
    """
    hop_length: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'hop', 'x-unit': 'samples'})
    ] = 256
    """
    Samples a latent frame.
    """


class VocosDecoderConfig(ConfigModel):
    """
    Decoder of Vocos (Siuzdak 2023), also that of WavTokenizer (Ji et al. 2024): ConvNeXt blocks at the rate of the latents, whose output is the spectrum that an inverse STFT turns into audio.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['vocos']
    """
    Selects this type.
    """
    config: Annotated[VocosDecoderOptions, Field(default_factory=lambda: VocosDecoderOptions())]
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
