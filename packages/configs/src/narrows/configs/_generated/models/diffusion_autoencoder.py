# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import bottleneck as bottleneck_1
from .. import decoder as decoder_1
from .. import diffusion as diffusion_1
from .. import encoder as encoder_1
from .._internal_1 import PretransformConfig
from ..training import diffusion_autoencoder


class DiffusionAutoencoderConfig(ConfigModel):
    """
    An autoencoder whose decoder is a diffusion model (Preechakul et al. 2022; Schneider et al. 2023).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    field_schema: Annotated[str | None, Field(alias='$schema')] = None
    """
    Address of the schema, for editors.
    """
    schema_version: Literal[1] = 1
    """
    Version of the schemas that the document was written for.
    """
    model_type: Literal['diffusion_autoencoder']
    """
    Selects this type.
    """
    license: str | None = None
    """
    Note on the licence of the weights; kept with the model and shown by `narrows inspect`.
    """
    training_data: str | None = None
    """
    Note on what the weights were trained on; kept with the model.
    """
    sample_rate: Annotated[int, Field(ge=1, json_schema_extra={'x-unit': 'Hz'})]
    """
    Sample rate of the audio.
    """
    sample_size: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Length of a training crop; needed for training.
    """
    audio_channels: Annotated[int, Field(ge=1, le=16)] = 2
    """
    Channels that the data set delivers.
    """
    model: "DiffusionAutoencoderOptions"
    """
    The parts of the autoencoder.
    """
    training: diffusion_autoencoder.DiffusionAutoencoderTrainingConfig | None = None
    """
    Training; null for a model that is only used.
    """


class DiffusionAutoencoderOptions(ConfigModel):
    """
    Parts and shapes of a diffusion autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    encoder: encoder_1.EncoderConfig | None = None
    """
    Encoder; null takes the input for the latents. Its initial weights are halved, as in the reference.
    """
    decoder: decoder_1.DecoderConfig | None = None
    """
    Maps the latents before they condition the diffusion; null leaves them as they are.
    """
    diffusion: diffusion_1.DiffusionConfig
    """
    Backbone that makes the output from noise and the latents.
    """
    latent_dim: Annotated[int, Field(ge=1)]
    """
    Channels of the latents, after the bottleneck.
    """
    downsampling_ratio: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'frames'})
    ]
    """
    Frames that are diffused per latent frame: the product of the encoder's strides.
    """
    io_channels: Annotated[int, Field(ge=1)]
    """
    Channels that are diffused: what the pretransform gives, or audio channels.
    """
    channel_policy: Literal['error', 'duplicate', 'downmix', 'fold'] = 'duplicate'
    """
    What becomes of audio with another number of channels than the model's. `duplicate` repeats mono and refuses more channels than the model takes; `downmix` also mixes more channels down (one channel: their mean; two: the first two); `fold` also codes more channels apart, in groups of the model's number, and gives all of them back; `error` refuses every difference.
    """
    bottleneck: bottleneck_1.BottleneckConfig | None = None
    """
    Bottleneck; null for a plain autoencoder.
    """
    pretransform: PretransformConfig | None = None
    """
    Transform in front of the encoder and behind the diffusion; null works on audio.
    """
