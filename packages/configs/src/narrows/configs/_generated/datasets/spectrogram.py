# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import audio_dataset
from .. import stft as stft_1


class SpectrogramDatasetConfig(ConfigModel):
    """
    Crops of audio of a whole number of STFT frames, as an autoencoder on spectrograms takes them (the on-the-fly STFT data set of EulerAudioBackbone).
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
    dataset_type: Literal['spectrogram']
    """
    Selects this type.
    """
    audio: audio_dataset.AudioDatasetConfig
    """
    Where the audio comes from: any data set of audio.
    """
    stft: stft_1.STFTConfig
    """
    Transform; that of the model.
    """
    sample_rate: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'Hz'})
    ] = None
    """
    Rate that the audio is brought to; null for the model's.
    """
    target_frames: Annotated[
        int | None, Field(ge=2, json_schema_extra={'x-unit': 'frames'})
    ] = None
    """
    Frames of a crop, which has (target_frames - 1) · hop_length samples; null takes the model's `sample_size`.
    """
    stereo: bool = True
    """
    Two audio channels; false mixes down to one.
    """
    cac: bool = False
    """
    Complex as channels: all real parts, then all imaginary parts, as real channels.
    """
    deliver: Literal['audio', 'spectrogram'] = 'audio'
    """
    What a batch holds: `audio`, whose spectrograms the model computes on its device, as training takes it; or `spectrogram`, with the audio in the metadata.
    """
