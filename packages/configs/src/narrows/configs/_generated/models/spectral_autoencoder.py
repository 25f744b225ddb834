# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import bottleneck as bottleneck_1
from .. import spectral_decoder, spectral_encoder
from .. import stft as stft_1
from ..spectral_transforms import by_class, identity, log_mag, power_norm
from ..training import spectral_autoencoder
from ..types import auto, positive_int, spectral_transform_name


class SpectralAutoencoderOptions(ConfigModel):
    """
    Parts of a spectral autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    stft: stft_1.STFTConfig
    """
    Transform to the spectrogram.
    """
    io_channels: positive_int.PositiveInt | auto.Auto = 'auto'
    """
    Audio channels in and out; `auto` takes `audio_channels`.
    """
    cac: bool = True
    """
    Complex as channels: real and imaginary part are two real channels.
    """
    pre_transform: (
        identity.IdentityTransformConfig
        | log_mag.LogMagnitudeTransformConfig
        | power_norm.PowerNormTransformConfig
        | by_class.ClassTransformConfig
        | spectral_transform_name.SpectralTransformName
        | None
    ) = None
    """
    Transform of the spectrogram in front of the encoder, and back behind the decoder; a name, options, a class of the design documents, or null for none.
    """
    encoder: spectral_encoder.SpectralEncoderConfig
    """
    Encoder.
    """
    decoder: spectral_decoder.SpectralDecoderConfig
    """
    Decoder.
    """
    bottleneck: bottleneck_1.BottleneckConfig | None = None
    """
    Bottleneck; null for a plain autoencoder.
    """
    channel_policy: Literal['error', 'duplicate', 'downmix', 'fold'] = 'duplicate'
    """
    What becomes of audio with another number of channels than the model's. `duplicate` repeats mono and refuses more channels than the model takes; `downmix` also mixes more channels down (one channel: their mean; two: the first two); `fold` also codes more channels apart, in groups of the model's number, and gives all of them back; `error` refuses every difference.
    """


class SpectralAutoencoderConfig(ConfigModel):
    """
    An autoencoder on complex spectrograms (EulerAudioBackbone), with its training.
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
    model_type: Literal['spectral_autoencoder']
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
    model: Annotated[
        SpectralAutoencoderOptions,
        Field(
            json_schema_extra={
                'x-missing': "Model configuration must contain a 'model' section"
            }
        ),
    ]
    """
    The parts of the autoencoder.
    """
    training: spectral_autoencoder.SpectralAutoencoderTrainingConfig | None = None
    """
    Training; null for a model that is only used.
    """
