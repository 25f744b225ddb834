"""Errors of codec files."""

from __future__ import annotations

from pathlib import Path

from narrows.configs import NarrowsError


class CodecFileError(NarrowsError, ValueError):
    """A file that is not a codec file, is damaged, or belongs to another model."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason
