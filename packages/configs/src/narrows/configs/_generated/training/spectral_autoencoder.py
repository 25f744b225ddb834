# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import spectral_autoencoder
from . import demo as demo_1
from . import optimizer_pair


class SpectralAutoencoderTrainingConfig(ConfigModel):
    """
    Training of a spectral autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default AdamW; needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["SpectralAutoencoderOptimizerConfigs"] = None
    """
    Optimizers by part; null for the default AdamW.
    """
    loss_configs: Annotated[spectral_autoencoder.SpectralAutoencoderLossConfigs, Field(default_factory=lambda: spectral_autoencoder.SpectralAutoencoderLossConfigs())]
    """
    Losses.
    """
    warmup_steps: Annotated[int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})] = 0
    """
    Steps before the encoder may be frozen.
    """
    encoder_freeze_on_warmup: bool = False
    """
    Stop training the encoder when `warmup_steps` are over.
    """
    use_ema: bool = False
    """
    Keep an exponential moving average of the weights.
    """
    clip_grad_norm: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Clip the gradient norm to this; 0 switches it off.
    """
    force_input_mono: bool = False
    """
    Average the input to one channel.
    """
    latent_mask_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of latent values set to zero in training.
    """
    demo: Annotated[demo_1.DemoConfig, Field(default_factory=lambda: demo_1.DemoConfig())]
    """
    Demos.
    """


class SpectralAutoencoderOptimizerConfigs(ConfigModel):
    """
    Optimizer of a spectral autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    autoencoder: optimizer_pair.OptimizerPairConfig
    """
    The autoencoder's.
    """


SpectralAutoencoderTrainingConfig.model_rebuild()
