# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import decay
from . import diffusion_uncond_demo, optimizer_pair
from . import post_hoc_ema as post_hoc_ema_1


class DiffusionUncondTrainingConfig(ConfigModel):
    """
    Training of unconditional diffusion.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default Adam; needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["DiffusionUncondOptimizerConfigs"] = None
    """
    Optimizer and schedule; null for the default Adam.
    """
    pre_encoded: bool = False
    """
    The data are latents already.
    """
    use_ema: bool = True
    """
    Keep an exponential moving average of the weights.
    """
    ema_decay: decay.Decay = 0.9999
    """
    Largest decay of the average.
    """
    post_hoc_ema: post_hoc_ema_1.PostHocEMAConfig | None = None
    """
    Also keep averages whose length is chosen after the training; null for none.
    """
    clip_grad_norm: Annotated[float, Field(ge=0.0)] = 0.0
    """
    Largest norm of the gradient; 0 does not clip.
    """
    demo: Annotated[diffusion_uncond_demo.DiffusionUncondDemoConfig, Field(default_factory=lambda: diffusion_uncond_demo.DiffusionUncondDemoConfig())]
    """
    Demos.
    """


class DiffusionUncondOptimizerConfigs(ConfigModel):
    """
    Optimizer of unconditional diffusion.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    diffusion: optimizer_pair.OptimizerPairConfig
    """
    The backbone's.
    """
