# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from .._internal_1 import (
    AutoencoderOptimizerConfigs,
    AutoencoderTrainingConfig,
    LossBalancing,
)

__all__ = ["AutoencoderOptimizerConfigs", "AutoencoderTrainingConfig", "LossBalancing"]
