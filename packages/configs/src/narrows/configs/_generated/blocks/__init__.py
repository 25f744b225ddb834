# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .attention import AttentionOptions
from .feed_forward import FeedForwardOptions
from .norm import NormOptions

__all__ = [
    "AttentionOptions",
    "FeedForwardOptions",
    "NormOptions",
]
