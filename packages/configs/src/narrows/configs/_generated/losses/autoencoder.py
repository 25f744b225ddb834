# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import discriminator as discriminator_1
from . import bottleneck as bottleneck_1
from . import hubert as hubert_1
from . import latents as latents_1
from . import mrmel as mrmel_1
from . import pretransform as pretransform_1
from . import spectral as spectral_1
from . import time as time_1


class ReconstructionShorthand(ConfigModel):
    """
    Reconstruction in one line.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    weight: Annotated[float, Field(ge=0.0)]
    """
    Weight.
    """
    type: Literal['l1', 'l2', 'mrstft']
    """
    Waveform distance, or a multi-resolution spectral one.
    """


class AdversarialShorthand(ConfigModel):
    """
    A discriminator in one line.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    weight: Annotated[float, Field(ge=0.0)]
    """
    Weight of the generator's adversarial term.
    """
    type: Literal['hinge'] = 'hinge'
    """
    Objective.
    """


class AutoencoderLossConfigs(ConfigModel):
    """
    Losses of autoencoder training; every part is optional.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    spectral: spectral_1.SpectralLossConfig | None = None
    """
    Spectral reconstruction.
    """
    mrmel: mrmel_1.MelLossConfig | None = None
    """
    Multi-scale mel reconstruction.
    """
    time: time_1.TimeLossConfig | None = None
    """
    Waveform reconstruction.
    """
    pretransform: pretransform_1.PretransformLossConfig | None = None
    """
    Reconstruction in the domain of the pretransform.
    """
    latents: latents_1.LatentLossConfig | None = None
    """
    Losses of the latents themselves.
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
    reconstruction: ReconstructionShorthand | None = None
    """
    Short for `time` (l1, l2) or `spectral` (mrstft, at seven scales) with one weight; it is replaced by what it stands for.
    """
    adversarial: AdversarialShorthand | None = None
    """
    Short for `discriminator`: that of EnCodec with 64 filters, feature matching weighted 50 times as much; it is replaced by what it stands for.
    """
