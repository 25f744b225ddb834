# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class AudiocraftPretrainedPretransformOptions(ConfigModel):
    """
    Options of `audiocraft_pretrained`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model_type: Annotated[str, Field(min_length=1)] = 'facebook/encodec_32khz'
    """
    Name of the published model.
    """
    scale: Annotated[float, Field(json_schema_extra={'x-nonzero': True})] = 1.0
    """
    Latents are divided by it in encoding and multiplied in decoding; not 0.
    """
    quantize_on_decode: bool = True
    """
    Latents are the encoder's output, and quantized when they are decoded.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    Checkpoint file, or a folder with one. Null downloads it when `download` is true.
    """
    download: bool = False
    """
    Fetch the published weights through audiocraft, which must be installed.
    """


class AudiocraftPretrainedPretransformConfig(ConfigModel):
    """
    A published EnCodec model of AudioCraft (Défossez et al. 2022; Copet et al. 2023).
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['audiocraft_pretrained']
    """
    Selects this type.
    """
    config: Annotated[AudiocraftPretrainedPretransformOptions, Field(default_factory=lambda: AudiocraftPretrainedPretransformOptions())]
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform: its parameters are updated. False freezes them.
    """
