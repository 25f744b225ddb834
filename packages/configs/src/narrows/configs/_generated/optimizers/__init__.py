# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .adam import AdamConfig, AdamOptions
from .adamw import AdamWConfig, AdamWOptions
from .sgd import SGDConfig, SGDOptions

__all__ = [
    "AdamConfig",
    "AdamOptions",
    "AdamWConfig",
    "AdamWOptions",
    "SGDConfig",
    "SGDOptions",
]
