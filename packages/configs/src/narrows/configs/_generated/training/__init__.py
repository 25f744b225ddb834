# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .demo import DemoConfig
from .optimizer_pair import OptimizerPairConfig

__all__ = [
    "DemoConfig",
    "OptimizerPairConfig",
]
