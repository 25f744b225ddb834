# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from narrows.configs._lazy import lazy_attribute

if TYPE_CHECKING:
    from .audio_dir import AudioDirDatasetConfig, AudioDirEntry

__all__ = [
    "AudioDirDatasetConfig",
    "AudioDirEntry",
]

_PLACES = {
    'AudioDirDatasetConfig': 'audio_dir',
    'AudioDirEntry': 'audio_dir',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

