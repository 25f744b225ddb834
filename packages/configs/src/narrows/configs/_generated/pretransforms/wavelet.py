# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class WaveletPretransformOptions(ConfigModel):
    """
    Options of `wavelet`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    channels: Annotated[
        int, Field(ge=1, json_schema_extra={'x-role': 'audio-channels'})
    ]
    """
    Audio channels.
    """
    levels: Annotated[int, Field(ge=1, json_schema_extra={'x-role': 'octaves'}, le=16)]
    """
    Times that the signal is halved; its length must be a multiple of `2^levels`.
    """
    wavelet: Literal['bior2.2', 'bior2.4', 'bior2.6', 'bior2.8', 'bior4.4', 'bior6.8']
    """
    Family, by PyWavelets' name: those with filters of odd length.
    """


class WaveletPretransformConfig(ConfigModel):
    """
    Discrete wavelet transform of PyWavelets' biorthogonal families; invertible. Gives `channels * 2^levels` channels at a ratio of `2^levels`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['wavelet']
    """
    Selects this type.
    """
    config: WaveletPretransformOptions
    """
    Options of this type.
    """
    enable_grad: bool = False
    """
    Train through the transform: its parameters are updated. False freezes them.
    """
