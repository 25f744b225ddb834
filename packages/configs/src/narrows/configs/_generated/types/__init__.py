# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from .decay import Decay
from .file_path import FilePath
from .level import Level
from .levels import Levels
from .name import Name
from .positive_int import PositiveInt
from .positive_ints import PositiveInts

__all__ = [
    "Decay",
    "FilePath",
    "Level",
    "Levels",
    "Name",
    "PositiveInt",
    "PositiveInts",
]
