# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from .._internal import (
    ARCConfig,
    ARCDiscriminatorWeights,
    ARCNoiseConfig,
    ODEWarmupConfig,
)

__all__ = ["ARCConfig", "ARCDiscriminatorWeights", "ARCNoiseConfig", "ODEWarmupConfig"]
