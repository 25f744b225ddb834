# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class DACPretrainedPretransformOptions(ConfigModel):
    """
    Options of `dac_pretrained`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model_type: Literal['44khz', '24khz', '16khz'] = '44khz'
    """
    Sample rate of the codec. The ratio is 512 at 44 kHz and 320 else.
    """
    model_bitrate: Literal['8kbps', '16kbps'] = '8kbps'
    """
    Bitrate of the codec; `16kbps` exists at 44 kHz only.
    """
    scale: Annotated[float, Field(json_schema_extra={'x-nonzero': True})] = 1.0
    """
    Latents are divided by it in encoding and multiplied in decoding; not 0.
    """
    quantize_on_decode: bool = True
    """
    Latents are the encoder's output, and quantized when they are decoded.
    """
    chunked: bool = False
    """
    Work on chunks of 128 latent frames that overlap by 32, to save memory. The reference stores this option and never uses it, so that the default is false here.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    Checkpoint file, or a folder with one. Null downloads it when `download` is true.
    """
    download: bool = False
    """
    Fetch the published weights through descript-audio-codec, which must be installed.
    """


class DACPretrainedPretransformConfig(ConfigModel):
    """
    The published Descript Audio Codec (Kumar et al. 2023), mono.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dac_pretrained']
    """
    Selects this type.
    """
    config: Annotated[DACPretrainedPretransformOptions, Field(default_factory=lambda: DACPretrainedPretransformOptions())]
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform: its parameters are updated. False freezes them.
    """
