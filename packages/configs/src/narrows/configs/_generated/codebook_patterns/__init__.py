# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .coarse_first import CoarseFirstPatternConfig
from .delay import DelayPatternConfig
from .musiclm import MusicLMPatternConfig
from .parallel import ParallelPatternConfig
from .unroll import UnrollPatternConfig

__all__ = [
    "CoarseFirstPatternConfig",
    "DelayPatternConfig",
    "MusicLMPatternConfig",
    "ParallelPatternConfig",
    "UnrollPatternConfig",
]
