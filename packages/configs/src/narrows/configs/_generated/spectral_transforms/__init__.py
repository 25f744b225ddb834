# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .by_class import ClassTransformConfig, ClassTransformOptions
from .identity import IdentityTransformConfig, IdentityTransformOptions
from .log_mag import LogMagnitudeTransformConfig, LogMagnitudeTransformOptions
from .power_norm import PowerNormTransformConfig, PowerNormTransformOptions

__all__ = [
    "ClassTransformConfig",
    "ClassTransformOptions",
    "IdentityTransformConfig",
    "IdentityTransformOptions",
    "LogMagnitudeTransformConfig",
    "LogMagnitudeTransformOptions",
    "PowerNormTransformConfig",
    "PowerNormTransformOptions",
]
