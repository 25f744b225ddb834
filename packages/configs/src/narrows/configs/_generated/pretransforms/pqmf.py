# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class PQMFPretransformOptions(ConfigModel):
    """
    Options of `pqmf`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    attenuation: Annotated[float, Field(gt=0.0, json_schema_extra={'x-unit': 'dB'})] = (
        100
    )
    """
    Attenuation outside a band.
    """
    num_bands: Annotated[int, Field(ge=2, json_schema_extra={'x-role': 'bands'})] = 16
    """
    Bands; a power of two.
    """
    channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ] = 1
    """
    Audio channels.
    """


class PQMFPretransformConfig(ConfigModel):
    """
    Pseudo quadrature mirror filter bank (Lin & Vaidyanathan 1998): nearly invertible. Gives `channels * num_bands` channels at a ratio of `num_bands`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['pqmf']
    """
    Selects this type.
    """
    config: Annotated[PQMFPretransformOptions, Field(default_factory=lambda: PQMFPretransformOptions())]
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform: its parameters are updated. False freezes them.
    """
