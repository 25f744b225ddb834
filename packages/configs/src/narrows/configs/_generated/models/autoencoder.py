# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import bottleneck as bottleneck_1
from .. import decoder as decoder_1
from .. import encoder as encoder_1
from ..training import autoencoder


class AutoencoderOptions(ConfigModel):
    """
    Parts and shapes of an autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    encoder: encoder_1.EncoderConfig
    """
    Encoder.
    """
    decoder: decoder_1.DecoderConfig
    """
    Decoder.
    """
    bottleneck: bottleneck_1.BottleneckConfig | None = None
    """
    Bottleneck; null for a plain autoencoder.
    """
    latent_dim: Annotated[int, Field(ge=1)]
    """
    Channels of the latents, after the bottleneck.
    """
    downsampling_ratio: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ]
    """
    Samples per latent frame: the product of the strides (and of the pretransform's).
    """
    io_channels: Annotated[int, Field(ge=1)]
    """
    Audio channels in and out.
    """
    in_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Audio channels in, where they differ from `io_channels`.
    """
    out_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Audio channels out, where they differ from `io_channels`.
    """


class AutoencoderConfig(ConfigModel):
    """
    An autoencoder with its training: a model file of stable-audio-tools.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    field_schema: Annotated[str | None, Field(alias='$schema')] = None
    """
    Address of the schema, for editors.
    """
    model_type: Literal['autoencoder'] = 'autoencoder'
    """
    Selects this type.
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
    model: AutoencoderOptions
    """
    The parts of the autoencoder.
    """
    training: autoencoder.AutoencoderTrainingConfig | None = None
    """
    Training; null for a model that is only used.
    """
