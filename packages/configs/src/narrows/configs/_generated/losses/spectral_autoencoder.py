# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from . import bottleneck as bottleneck_1
from . import spectrogram
from . import time as time_1


class SpectralAutoencoderLossConfigs(ConfigModel):
    """
    Losses of a spectral autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    spectral: spectrogram.SpectrogramLossConfig | None = None
    """
    Losses on spectrograms.
    """
    time: time_1.TimeLossConfig | None = None
    """
    Waveform reconstruction.
    """
    bottleneck: Annotated[bottleneck_1.BottleneckLossConfig, Field(default_factory=lambda: bottleneck_1.BottleneckLossConfig())]
    """
    Terms of the bottleneck.
    """
