"""What a full disk, a denied place and the like are called, whichever library meets them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from narrows.configs.errors import NarrowsError


class OutputError(NarrowsError, OSError):
    """A place that cannot be written, or should not be."""


@contextmanager
def named_when_it_fails(path: Path) -> Iterator[None]:
    """Turn a full disk, a denied place and the like into an `OutputError` that names the place and the room left.

    Libraries say it in words of their own, which `_refusal` knows; all other errors pass.
    """
    try:
        yield
    except OutputError:
        raise
    except Exception as error:
        reason = _refusal(error, path)
        if reason is None:
            raise
        failure = OutputError(f"{path} cannot be written: {reason} ({_free(path)} bytes free)")
        failure.errno = getattr(error, "errno", None)
        raise failure from error


FULL = {
    errno.ENOSPC: "no space is left on the device",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than the system allows",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the device reports an error",
}
DENIED = {errno.EACCES: "permission denied", errno.EPERM: "the system does not permit it"}
LIBRARIES = {
    "LibsndfileError": ("System error",),
    "SafetensorError": ("I/O error",),
    "RuntimeError": ("inline_container", "iostream error", "failed writing file"),
}
"""Errors by which libraries say that a file cannot be written, and parts of their words."""


def _refusal(error: Exception, path: Path) -> str | None:
    """Why the system does not take what is written; None for other errors."""
    if isinstance(error, OSError):
        if error.errno in FULL:
            return FULL[error.errno]
        below = error.filename is None or str(error.filename).startswith(str(path.parent))
        return DENIED.get(error.errno or 0) if below else None
    if not any(words in str(error) for words in LIBRARIES.get(type(error).__name__, ())):
        return None
    for number, reason in FULL.items():
        if os.strerror(number) in str(error):
            return reason
    return FULL[errno.ENOSPC] if _free(path) < NEARLY_FULL else "the system refused to write"


NEARLY_FULL = 1 << 24
"""Bytes free, below which a full disk is what has stopped a library that does not say why."""


def _free(path: Path) -> int:
    nearest = path.parent
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    return shutil.disk_usage(nearest).free
