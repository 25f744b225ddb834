# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import bottleneck as bottleneck_1
from . import diffusion_uncond_demo, optimizer_pair


class DiffusionAutoencoderLossConfigs(ConfigModel):
    """
    Losses of a diffusion autoencoder beside that of the diffusion.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    bottleneck: Annotated[bottleneck_1.BottleneckLossConfig, Field(default_factory=lambda: bottleneck_1.BottleneckLossConfig())]
    """
    Losses of the bottleneck.
    """


class DiffusionAutoencoderTrainingConfig(ConfigModel):
    """
    Training of a diffusion autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default Adam; needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["DiffusionAutoencoderOptimizerConfigs"] = None
    """
    Optimizer and schedule; null for the default Adam.
    """
    use_reconstruction_loss: bool = False
    """
    Add a spectral loss of what the prediction decodes to; needs a pretransform.
    """
    loss_configs: DiffusionAutoencoderLossConfigs | None = None
    """
    Weights of what the bottleneck reports; null for its defaults.
    """
    use_ema: bool = True
    """
    Keep an exponential moving average of the weights.
    """
    demo: Annotated[diffusion_uncond_demo.DiffusionUncondDemoConfig, Field(default_factory=lambda: diffusion_uncond_demo.DiffusionUncondDemoConfig())]
    """
    Demos.
    """


class DiffusionAutoencoderOptimizerConfigs(ConfigModel):
    """
    Optimizer of a diffusion autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    diffusion: optimizer_pair.OptimizerPairConfig
    """
    Of encoder, bottleneck and backbone together.
    """
