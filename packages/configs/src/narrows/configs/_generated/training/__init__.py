# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .autoencoder import AutoencoderOptimizerConfigs, AutoencoderTrainingConfig
from .demo import DemoConfig
from .optimizer_pair import OptimizerPairConfig

__all__ = [
    "AutoencoderOptimizerConfigs",
    "AutoencoderTrainingConfig",
    "DemoConfig",
    "OptimizerPairConfig",
]
