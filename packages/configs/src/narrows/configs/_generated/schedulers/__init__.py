# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .constant_lr import ConstantLRConfig, ConstantLROptions
from .cosine_annealing_lr import CosineAnnealingLRConfig, CosineAnnealingLROptions
from .cosine_annealing_warm_restarts import (
    CosineAnnealingWarmRestartsConfig,
    CosineAnnealingWarmRestartsOptions,
)
from .cyclic_lr import CyclicLRConfig, CyclicLROptions
from .exponential_lr import ExponentialLRConfig, ExponentialLROptions
from .inverse_lr import InverseLRConfig, InverseLROptions
from .linear_lr import LinearLRConfig, LinearLROptions
from .multi_step_lr import MultiStepLRConfig, MultiStepLROptions
from .one_cycle_lr import OneCycleLRConfig, OneCycleLROptions
from .polynomial_lr import PolynomialLRConfig, PolynomialLROptions
from .step_lr import StepLRConfig, StepLROptions

__all__ = [
    "ConstantLRConfig",
    "ConstantLROptions",
    "CosineAnnealingLRConfig",
    "CosineAnnealingLROptions",
    "CosineAnnealingWarmRestartsConfig",
    "CosineAnnealingWarmRestartsOptions",
    "CyclicLRConfig",
    "CyclicLROptions",
    "ExponentialLRConfig",
    "ExponentialLROptions",
    "InverseLRConfig",
    "InverseLROptions",
    "LinearLRConfig",
    "LinearLROptions",
    "MultiStepLRConfig",
    "MultiStepLROptions",
    "OneCycleLRConfig",
    "OneCycleLROptions",
    "PolynomialLRConfig",
    "PolynomialLROptions",
    "StepLRConfig",
    "StepLROptions",
]
