"""One process at a time makes or changes the index in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from narrows.data.errors import DataError, shown


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder while the block runs; the system's lock is on the folder itself, and ends with the process.

    Two at once would remove each other's parts, which no manifest names yet.

    Raises:
        DataError: another process holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        yield
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"Another process makes the index {shown(folder)}; wait until it ends") from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(place)
