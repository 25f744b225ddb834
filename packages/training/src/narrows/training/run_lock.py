"""One process at a time trains in a run's folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from narrows.configs import NarrowsError

LOCK = ".lock"
"""Name of the locked file. It stays behind: removing it would let two processes lock two files of one name."""
_held: set[int] = set()

log = logging.getLogger(__name__)


class RunInUseError(NarrowsError, RuntimeError):
    """Another process is training in the folder of this run."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder of a run while the block runs.

    The lock is the system's (`flock`), which ends with the process however that ends.

    Args:
        folder: of the run; created where it is missing.

    Raises:
        RunInUseError: it is held already.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    _held.add(file)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunInUseError(
                f"Another process is training in {folder}; wait until it ends, or choose another `name` (name=...)"
            ) from None
        except OSError as error:
            log.warning("%s cannot be locked (%s); do not start this run twice at once", folder, error.strerror)
        yield
    finally:
        _held.discard(file)
        os.close(file)


def _close_in_child() -> None:
    """A forked data worker must not keep the lock of a run that was killed."""
    for file in _held:
        os.close(file)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
