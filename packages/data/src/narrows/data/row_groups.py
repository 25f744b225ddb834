"""Row groups of Parquet files: files that are opened when first read, and what was made of groups read last."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any, Generic, NamedTuple, TypeVar

from narrows.data.errors import DataError

OPEN_FILES = 16
Kept = TypeVar("Kept")


class Place(NamedTuple):
    """A row group: number of its file, and its number in it."""

    file: int
    group: int


def parquet() -> tuple[Any, Any]:
    """pyarrow and its Parquet module, imported when first used.

    Raises:
        DataError: it is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet as module
    except ImportError as error:
        raise DataError('Parquet files need an optional package: pip install "narrows-data[index]"') from error
    return pyarrow, module


class RowGroups(Generic[Kept]):
    """Open files, and what was made of row groups; each process has its own, whatever it was forked from.

    Args:
        sources: what `pyarrow.parquet.ParquetFile` takes, by file, made when the file is first read.
        keep: how many results of row groups are kept.
    """

    def __init__(self, sources: Sequence[Callable[[], Any]], keep: int) -> None:
        self._sources, self._keep = list(sources), keep
        self._clear()

    def __getstate__(self) -> dict[str, Any]:
        return {"_sources": self._sources, "_keep": self._keep}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._clear()

    def get(self, number: int, make: Callable[[], Kept]) -> Kept:
        """What was made of a row group; made now, in place of what was not used for longest, if it is not kept."""
        # A forked process shares the places of its parent's open files, and must not read from them.
        if self._process != os.getpid():
            self._clear()
        with self._lock:
            if number in self._kept:
                self._kept.move_to_end(number)
                return self._kept[number]
            made = self._kept[number] = make()
            while len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        return made

    def read(self, place: Place, columns: list[str]) -> Any:
        """Columns of a row group, as a table; fails as pyarrow and the source do."""
        if self._process != os.getpid():
            self._clear()
        with self._lock:
            return self._open(place.file).read_row_group(place.group, columns=columns, use_threads=False)

    def _open(self, number: int) -> Any:
        _, pq = parquet()
        if number in self._files:
            self._files.move_to_end(number)
            return self._files[number]
        self._files[number] = pq.ParquetFile(self._sources[number]())
        while len(self._files) > OPEN_FILES:
            self._files.popitem(last=False)[1].close()
        return self._files[number]

    def _clear(self) -> None:
        self._process, self._lock = os.getpid(), RLock()
        self._files: OrderedDict[int, Any] = OrderedDict()
        self._kept: OrderedDict[int, Kept] = OrderedDict()
