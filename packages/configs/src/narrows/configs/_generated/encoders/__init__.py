# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .dac import DacEncoderConfig, DacEncoderOptions
from .local_attn import LocalAttnEncoderConfig, LocalAttnEncoderOptions
from .oobleck import OobleckEncoderConfig, OobleckEncoderOptions
from .same import SameEncoderConfig, SameEncoderOptions
from .seanet import SeanetEncoderConfig, SeanetEncoderOptions
from .taae import TaaeEncoderConfig, TaaeEncoderOptions

__all__ = [
    "DacEncoderConfig",
    "DacEncoderOptions",
    "LocalAttnEncoderConfig",
    "LocalAttnEncoderOptions",
    "OobleckEncoderConfig",
    "OobleckEncoderOptions",
    "SameEncoderConfig",
    "SameEncoderOptions",
    "SeanetEncoderConfig",
    "SeanetEncoderOptions",
    "TaaeEncoderConfig",
    "TaaeEncoderOptions",
]
