# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .adadelta import AdadeltaConfig, AdadeltaOptions
from .adafactor import AdafactorConfig, AdafactorOptions
from .adagrad import AdagradConfig, AdagradOptions
from .adam import AdamConfig, AdamOptions
from .adamax import AdamaxConfig, AdamaxOptions
from .adamw import AdamWConfig, AdamWOptions
from .asgd import ASGDConfig, ASGDOptions
from .nadam import NAdamConfig, NAdamOptions
from .radam import RAdamConfig, RAdamOptions
from .rmsprop import RMSpropConfig, RMSpropOptions
from .sgd import SGDConfig, SGDOptions

__all__ = [
    "ASGDConfig",
    "ASGDOptions",
    "AdadeltaConfig",
    "AdadeltaOptions",
    "AdafactorConfig",
    "AdafactorOptions",
    "AdagradConfig",
    "AdagradOptions",
    "AdamConfig",
    "AdamOptions",
    "AdamWConfig",
    "AdamWOptions",
    "AdamaxConfig",
    "AdamaxOptions",
    "NAdamConfig",
    "NAdamOptions",
    "RAdamConfig",
    "RAdamOptions",
    "RMSpropConfig",
    "RMSpropOptions",
    "SGDConfig",
    "SGDOptions",
]
