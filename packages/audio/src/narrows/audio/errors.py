"""Errors of audio files and of the sets they make up."""

from __future__ import annotations

import os
from collections.abc import Mapping

from narrows.configs import NarrowsError


class DataError(NarrowsError, ValueError):
    """A data set that cannot be used: missing, empty, or with too many bad files."""


class AudioFileError(DataError):
    """A file that cannot be read as audio.

    Attributes:
        path: the file.
        reason: what is wrong with it, one line.
    """

    def __init__(self, path: str | os.PathLike[str], reason: str) -> None:
        super().__init__(f"{shown(path)}: {reason}")
        self.path = os.fspath(path)
        self.reason = reason


def shown(path: str | os.PathLike[str]) -> str:
    """A path fit for a one-line message: line breaks, escape sequences and foreign bytes are escaped."""
    text = os.fspath(path)
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def listing(reasons: Mapping[str, str], limit: int = 20) -> str:
    """A list of files with reasons, one a line, shortened."""
    lines = [f"  {shown(path)}: {reason}" for path, reason in list(reasons.items())[:limit]]
    if len(reasons) > limit:
        lines.append(f"  ... and {len(reasons) - limit} more")
    return "\n".join(lines)


def system_reason(error: OSError) -> str:
    """The operating system's reason, without the path, which the message has already."""
    return error.strerror or type(error).__name__
