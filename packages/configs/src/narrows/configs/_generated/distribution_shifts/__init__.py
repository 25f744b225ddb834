# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .flux import FluxShiftConfig
from .full import FullShiftConfig
from .logsnr import LogSNRShiftConfig
from .none import NoShiftConfig

__all__ = [
    "FluxShiftConfig",
    "FullShiftConfig",
    "LogSNRShiftConfig",
    "NoShiftConfig",
]
