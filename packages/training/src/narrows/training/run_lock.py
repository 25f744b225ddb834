"""One process at a time trains in a run's folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from narrows.configs import NarrowsError
from narrows.configs.locks import locked

LOCK = ".lock"
"""Name of the locked file. It stays behind: removing it would let two processes lock two files of one name."""

log = logging.getLogger(__name__)


class RunInUseError(NarrowsError, RuntimeError):
    """Another process is training in the folder of this run."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder of a run while the block runs; see `narrows.configs.locks`.

    Args:
        folder: of the run; created where it is missing.

    Raises:
        RunInUseError: it is held already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LOCK).touch()
    with ExitStack() as stack:
        try:
            error = stack.enter_context(locked(folder / LOCK))
        except BlockingIOError:
            raise RunInUseError(
                f"Another process is training in {folder}; wait until it ends, or choose another `name` (name=...)"
            ) from None
        if error is not None:
            log.warning("%s cannot be locked (%s); do not start this run twice at once", folder, error.strerror)
        yield
