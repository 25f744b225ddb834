"""Files and folders that one process at a time works with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_open: set[int] = set()


@contextmanager
def locked(path: Path) -> Iterator[OSError | None]:
    """Hold a file or folder while the block runs; gives why it cannot be locked, on file systems without locks.

    The lock is the system's (`flock`), which ends with the process however that ends. On Windows there is none.

    Args:
        path: exists.

    Raises:
        BlockingIOError: another process holds it.
    """
    try:
        import fcntl
    except ImportError:
        yield None
        return
    place = os.open(path, os.O_RDONLY)
    _open.add(place)
    try:
        reason = None
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError as error:
            reason = error
        yield reason
    finally:
        _open.discard(place)
        os.close(place)


def _close_in_child() -> None:
    """A forked worker must not keep the lock of a process that was killed."""
    for place in _open:
        os.close(place)
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
