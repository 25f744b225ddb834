# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import discriminator as discriminator_1
from . import bottleneck as bottleneck_1
from . import hubert as hubert_1
from . import mrmel as mrmel_1
from . import spectrogram
from . import time as time_1


class SpectralAutoencoderLossConfigs(ConfigModel):
    """
    Losses of a spectral autoencoder; every part is optional.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    spectral: spectrogram.SpectrogramLossConfig | None = None
    """
    Losses on spectrograms.
    """
    mrmel: mrmel_1.MelLossConfig | None = None
    """
    Multi-scale mel reconstruction.
    """
    time: time_1.TimeLossConfig | None = None
    """
    Waveform reconstruction.
    """
    hubert: hubert_1.SemanticLossConfig | None = None
    """
    Distance of speech features.
    """
    discriminator: discriminator_1.DiscriminatorConfig | None = None
    """
    Adversarial training; null for none.
    """
    bottleneck: Annotated[bottleneck_1.BottleneckLossConfig, Field(default_factory=lambda: bottleneck_1.BottleneckLossConfig())]
    """
    Terms of the bottleneck.
    """
