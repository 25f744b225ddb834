"""One process at a time makes or changes the index in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from narrows.configs.locks import locked
from narrows.data.errors import DataError, shown


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder while the block runs.

    Two at once would remove each other's parts, which no manifest names yet.

    Raises:
        DataError: another process holds it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder))
        except BlockingIOError:
            raise DataError(f"Another process makes the index {shown(folder)}; wait until it ends") from None
        yield
