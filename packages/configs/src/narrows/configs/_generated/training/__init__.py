# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .demo import DemoConfig
from .diffusion_cond_demo import (
    CondDisplayConfig,
    CondDisplayOptions,
    DiffusionCondDemoConfig,
)
from .diffusion_uncond import (
    DiffusionUncondOptimizerConfigs,
    DiffusionUncondTrainingConfig,
)
from .diffusion_uncond_demo import DiffusionUncondDemoConfig
from .lm import LMOptimizerConfigs, LMTrainingConfig
from .lm_demo import LMDemoConfig
from .optimizer_pair import OptimizerPairConfig
from .spectral_autoencoder import (
    SpectralAutoencoderOptimizerConfigs,
    SpectralAutoencoderTrainingConfig,
)

__all__ = [
    "CondDisplayConfig",
    "CondDisplayOptions",
    "DemoConfig",
    "DiffusionCondDemoConfig",
    "DiffusionUncondDemoConfig",
    "DiffusionUncondOptimizerConfigs",
    "DiffusionUncondTrainingConfig",
    "LMDemoConfig",
    "LMOptimizerConfigs",
    "LMTrainingConfig",
    "OptimizerPairConfig",
    "SpectralAutoencoderOptimizerConfigs",
    "SpectralAutoencoderTrainingConfig",
]
