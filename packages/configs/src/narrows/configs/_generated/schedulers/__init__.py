# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .constant_lr import ConstantLRConfig, ConstantLROptions
if TYPE_CHECKING:
    from .cosine_annealing_lr import CosineAnnealingLRConfig, CosineAnnealingLROptions
if TYPE_CHECKING:
    from .cosine_annealing_warm_restarts import (
        CosineAnnealingWarmRestartsConfig,
        CosineAnnealingWarmRestartsOptions,
    )
if TYPE_CHECKING:
    from .cyclic_lr import CyclicLRConfig, CyclicLROptions
if TYPE_CHECKING:
    from .exponential_lr import ExponentialLRConfig, ExponentialLROptions
if TYPE_CHECKING:
    from .inverse_lr import InverseLRConfig, InverseLROptions
if TYPE_CHECKING:
    from .linear_lr import LinearLRConfig, LinearLROptions
if TYPE_CHECKING:
    from .multi_step_lr import MultiStepLRConfig, MultiStepLROptions
if TYPE_CHECKING:
    from .one_cycle_lr import OneCycleLRConfig, OneCycleLROptions
if TYPE_CHECKING:
    from .polynomial_lr import PolynomialLRConfig, PolynomialLROptions
if TYPE_CHECKING:
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

_PLACES = {
    'ConstantLRConfig': 'constant_lr',
    'ConstantLROptions': 'constant_lr',
    'CosineAnnealingLRConfig': 'cosine_annealing_lr',
    'CosineAnnealingLROptions': 'cosine_annealing_lr',
    'CosineAnnealingWarmRestartsConfig': 'cosine_annealing_warm_restarts',
    'CosineAnnealingWarmRestartsOptions': 'cosine_annealing_warm_restarts',
    'CyclicLRConfig': 'cyclic_lr',
    'CyclicLROptions': 'cyclic_lr',
    'ExponentialLRConfig': 'exponential_lr',
    'ExponentialLROptions': 'exponential_lr',
    'InverseLRConfig': 'inverse_lr',
    'InverseLROptions': 'inverse_lr',
    'LinearLRConfig': 'linear_lr',
    'LinearLROptions': 'linear_lr',
    'MultiStepLRConfig': 'multi_step_lr',
    'MultiStepLROptions': 'multi_step_lr',
    'OneCycleLRConfig': 'one_cycle_lr',
    'OneCycleLROptions': 'one_cycle_lr',
    'PolynomialLRConfig': 'polynomial_lr',
    'PolynomialLROptions': 'polynomial_lr',
    'StepLRConfig': 'step_lr',
    'StepLROptions': 'step_lr',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

