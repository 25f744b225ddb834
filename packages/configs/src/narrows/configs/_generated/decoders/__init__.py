# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .dac import DacDecoderConfig, DacDecoderOptions
from .local_attn import LocalAttnDecoderConfig, LocalAttnDecoderOptions
from .oobleck import OobleckDecoderConfig, OobleckDecoderOptions
from .same import SameDecoderConfig, SameDecoderOptions
from .seanet import SeanetDecoderConfig, SeanetDecoderOptions
from .taae import TaaeDecoderConfig, TaaeDecoderOptions

__all__ = [
    "DacDecoderConfig",
    "DacDecoderOptions",
    "LocalAttnDecoderConfig",
    "LocalAttnDecoderOptions",
    "OobleckDecoderConfig",
    "OobleckDecoderOptions",
    "SameDecoderConfig",
    "SameDecoderOptions",
    "SeanetDecoderConfig",
    "SeanetDecoderOptions",
    "TaaeDecoderConfig",
    "TaaeDecoderOptions",
]
