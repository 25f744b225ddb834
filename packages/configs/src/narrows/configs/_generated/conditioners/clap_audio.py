# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class CLAPAudioConditionerOptions(ConfigModel):
    """
    Options of `clap_audio`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    clap_ckpt_path: Annotated[str, Field(min_length=1)]
    """
    File of the weights as laion_clap wrote them, or folder of a ClapModel of transformers.
    """
    audio_model_type: Annotated[str, Field(min_length=1)] = 'HTSAT-base'
    """
    Audio tower, by the names of laion_clap.
    """
    enable_fusion: bool = True
    """
    Whether the weights were trained with fusion.
    """
    project_out: bool = False
    """
    Project even where the widths are equal.
    """
    finetune: bool = False
    """
    Train the audio tower.
    """
    sample_rate: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'Hz'})
    ] = None
    """
    Rate of the audio that comes in; null for the 48 kHz of CLAP, to which any other is resampled.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class CLAPAudioConditionerConfig(ConfigModel):
    """
    Audio through CLAP: one vector.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'vector'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['clap_audio']
    """
    Selects this type.
    """
    config: CLAPAudioConditionerOptions
    """
    Options of this type.
    """
