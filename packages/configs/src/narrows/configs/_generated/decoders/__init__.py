# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .oobleck import OobleckDecoderConfig, OobleckDecoderOptions

__all__ = [
    "OobleckDecoderConfig",
    "OobleckDecoderOptions",
]
