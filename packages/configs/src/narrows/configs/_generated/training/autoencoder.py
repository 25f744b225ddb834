# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import autoencoder as autoencoder_1
from . import demo as demo_1
from . import optimizer_pair


class AutoencoderOptimizerConfigs(ConfigModel):
    """
    Optimizers of autoencoder training.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    autoencoder: optimizer_pair.OptimizerPairConfig
    """
    The autoencoder's.
    """


class AutoencoderTrainingConfig(ConfigModel):
    """
    Training of an autoencoder. A step is one generator update, everywhere.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default AdamW (betas 0.8, 0.99); needed when `optimizer_configs` is left out.
    """
    optimizer_configs: AutoencoderOptimizerConfigs | None = None
    """
    Optimizers by part.
    """
    loss_configs: Annotated[autoencoder_1.AutoencoderLossConfigs, Field(default_factory=lambda: autoencoder_1.AutoencoderLossConfigs())]
    """
    Losses.
    """
    warmup_steps: Annotated[int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})] = 0
    """
    Steps before adversarial training starts.
    """
    encoder_freeze_on_warmup: bool = False
    """
    Freeze the encoder when `warmup_steps` are over.
    """
    use_ema: bool = False
    """
    Keep an exponential moving average of the weights.
    """
    ema_decay: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9999
    """
    Largest decay of the average; it rises as 1 - (1 + step)^-0.75.
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
