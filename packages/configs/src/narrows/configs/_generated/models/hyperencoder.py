# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import bottleneck as bottleneck_1
from .. import decoder as decoder_1
from .. import encoder as encoder_1
from .._internal_1 import AutoencoderConfig
from ..training import hyperencoder


class HyperencoderConfig(ConfigModel):
    """
    An autoencoder over the latents of another one: fewer channels, a lower rate, or both.
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
    model_type: Literal['hyperencoder']
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
    Sample rate of the audio behind the outer latents.
    """
    sample_size: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = None
    """
    Length of a training crop of outer latents; null takes whole clips.
    """
    model: "HyperencoderOptions"
    """
    The parts of the hyperencoder.
    """
    training: hyperencoder.HyperencoderTrainingConfig | None = None
    """
    Training on pre-encoded latents; null for a model that is only used.
    """


class HyperencoderOptions(ConfigModel):
    """
    Parts and shapes of a hyperencoder. Its encoder takes outer latents where that of an autoencoder takes audio.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    encoder: encoder_1.EncoderConfig
    """
    Encoder; its input channels are those of the outer latents.
    """
    decoder: decoder_1.DecoderConfig
    """
    Decoder; its output channels are those of the outer latents. Latents have no bounds: switch a final tanh off.
    """
    bottleneck: bottleneck_1.BottleneckConfig | None = None
    """
    Bottleneck; null for none.
    """
    latent_dim: Annotated[int, Field(ge=1)]
    """
    Channels of the inner latents, after the bottleneck.
    """
    in_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Channels of the outer latents; null takes the encoder's input channels.
    """
    out_channels: Annotated[int | None, Field(ge=1)] = None
    """
    Channels of the outer latents on the way out; null takes the decoder's output channels.
    """
    downsampling_ratio: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = None
    """
    Outer latent frames per inner one; null multiplies the encoder's strides.
    """
    standardize: bool = False
    """
    Bring each channel of the outer latents to mean 0 and standard deviation 1 for the encoder, and back behind the decoder. Training takes the numbers from the manifests that `narrows pre-encode` wrote beside the latents, and they are saved with the weights.
    """
    outer: Optional["HyperencoderOuter"] = None
    """
    The model whose latents these are, to go from and to audio; null leaves it out, and it can be given in calls.
    """


class HyperencoderOuter(ConfigModel):
    """
    The outer model. It is frozen, and saved with the hyperencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: AutoencoderConfig
    """
    Its model file.
    """
    ckpt_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Its weights, read when the model is built; null where they come with the hyperencoder's own.
    """
