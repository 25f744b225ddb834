# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .pre_encode import PreEncodeExperimentConfig
from .train import TrainExperimentConfig

__all__ = [
    "PreEncodeExperimentConfig",
    "TrainExperimentConfig",
]
