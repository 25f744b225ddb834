# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .coarse_first import CoarseFirstPatternConfig
if TYPE_CHECKING:
    from .delay import DelayPatternConfig
if TYPE_CHECKING:
    from .musiclm import MusicLMPatternConfig
if TYPE_CHECKING:
    from .parallel import ParallelPatternConfig
if TYPE_CHECKING:
    from .unroll import UnrollPatternConfig

__all__ = [
    "CoarseFirstPatternConfig",
    "DelayPatternConfig",
    "MusicLMPatternConfig",
    "ParallelPatternConfig",
    "UnrollPatternConfig",
]

_PLACES = {
    'CoarseFirstPatternConfig': 'coarse_first',
    'DelayPatternConfig': 'delay',
    'MusicLMPatternConfig': 'musiclm',
    'ParallelPatternConfig': 'parallel',
    'UnrollPatternConfig': 'unroll',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

