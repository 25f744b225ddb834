# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import bottleneck as bottleneck_1
from . import optimizer_pair


class LatentDistanceWeights(ConfigModel):
    """
    Weights of the distances.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    l1: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Mean absolute error.
    """
    l2: Annotated[float, Field(ge=0.0)] = 0.1
    """
    Mean squared error.
    """


class LatentDistanceConfig(ConfigModel):
    """
    Distances of latents, named as those of waveforms.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    weights: Annotated[LatentDistanceWeights, Field(default_factory=lambda: LatentDistanceWeights())]
    """
    Weights; 0 switches a term off.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weights at every step.
    """


class HyperencoderLossConfigs(ConfigModel):
    """
    Losses of hyperencoder training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    time: Annotated[LatentDistanceConfig, Field(default_factory=lambda: LatentDistanceConfig())]
    """
    Distances of outer latents and their reconstruction.
    """
    bottleneck: Annotated[bottleneck_1.BottleneckLossConfig, Field(default_factory=lambda: bottleneck_1.BottleneckLossConfig())]
    """
    What the bottleneck reports.
    """


class HyperencoderTrainingConfig(ConfigModel):
    """
    Training of a hyperencoder on pre-encoded latents.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default AdamW; needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["HyperencoderOptimizerConfigs"] = None
    """
    Optimizer; null gives the default AdamW.
    """
    loss_configs: Annotated[HyperencoderLossConfigs, Field(default_factory=lambda: HyperencoderLossConfigs())]
    """
    Losses, on outer latents.
    """
    use_ema: bool = False
    """
    Keep an exponential moving average of the weights.
    """
    ema_decay: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9999
    """
    Largest decay of the average; it rises as 1 - (1 + step)^-0.75.
    """
    clip_grad_norm: Annotated[float, Field(ge=0.0)] = 1000.0
    """
    Clip the gradient norm to this; 0 switches it off.
    """


class HyperencoderOptimizerConfigs(ConfigModel):
    """
    Optimizers of hyperencoder training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    hyperencoder: optimizer_pair.OptimizerPairConfig
    """
    The hyperencoder's.
    """
