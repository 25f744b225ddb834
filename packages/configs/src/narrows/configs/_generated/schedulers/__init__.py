# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .cosine_annealing_lr import CosineAnnealingLRConfig, CosineAnnealingLROptions
from .exponential_lr import ExponentialLRConfig, ExponentialLROptions
from .inverse_lr import InverseLRConfig, InverseLROptions

__all__ = [
    "CosineAnnealingLRConfig",
    "CosineAnnealingLROptions",
    "ExponentialLRConfig",
    "ExponentialLROptions",
    "InverseLRConfig",
    "InverseLROptions",
]
