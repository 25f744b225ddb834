# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from .._internal import (
    DiffusionCondOptimizerConfigs,
    DiffusionCondTrainingConfig,
    InpaintingConfig,
    InpaintingMaskOptions,
    TimestepSamplerOptions,
    TrimConfig,
)

__all__ = ["DiffusionCondOptimizerConfigs", "DiffusionCondTrainingConfig", "InpaintingConfig", "InpaintingMaskOptions", "TimestepSamplerOptions", "TrimConfig"]
