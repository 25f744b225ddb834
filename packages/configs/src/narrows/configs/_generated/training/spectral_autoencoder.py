# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..losses import evaluation, spectral_autoencoder
from . import demo as demo_1
from . import optimizer_pair


class SpectralAutoencoderTrainingConfig(ConfigModel):
    """
    Training of a spectral autoencoder. A step is one generator update, everywhere.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default AdamW of every part (betas 0.8, 0.99); needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["SpectralAutoencoderOptimizerConfigs"] = None
    """
    Optimizers by part; null gives every part the default AdamW.
    """
    loss_configs: Annotated[spectral_autoencoder.SpectralAutoencoderLossConfigs, Field(default_factory=lambda: spectral_autoencoder.SpectralAutoencoderLossConfigs())]
    """
    Losses.
    """
    warmup_steps: Annotated[int, Field(ge=0, json_schema_extra={'x-unit': 'steps'})] = 0
    """
    Steps before the autoencoder is trained against the discriminator.
    """
    warmup_mode: Literal['adv', 'full'] = 'adv'
    """
    What the discriminator does during `warmup_steps`: `adv` trains it already, without showing it to the autoencoder; `full` leaves it untouched.
    """
    discriminator_batch: Literal['same', 'next'] = 'same'
    """
    What the discriminator learns from: `same` takes the batch and the output of the autoencoder's own step, one forward pass for both; `next` draws another batch, as the reference does.
    """
    encoder_freeze_on_warmup: bool = False
    """
    Stop training the encoder when `warmup_steps` are over.
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
    Clip the gradient norm of each part to this; 0 switches it off. The default only catches explosions.
    """
    clip_grad_percentile: Annotated[float | None, Field(gt=0.0, le=100.0)] = None
    """
    Clip the gradient norm of each part also to this percentile of its last 200 norms, once there are 10 (Seetharaman et al. 2020, arXiv 2007.14469); null does not.
    """
    latent_mask_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of latent values set to zero in training.
    """
    eval_loss_configs: evaluation.EvaluationLossConfigs | None = None
    """
    Metrics of validation, beside those it always has.
    """
    demo: Annotated[demo_1.DemoConfig, Field(default_factory=lambda: demo_1.DemoConfig())]
    """
    Demos.
    """


class SpectralAutoencoderOptimizerConfigs(ConfigModel):
    """
    Optimizers of a spectral autoencoder.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    autoencoder: optimizer_pair.OptimizerPairConfig
    """
    The autoencoder's.
    """
    discriminator: optimizer_pair.OptimizerPairConfig | None = None
    """
    The discriminator's; needed when there is one.
    """
