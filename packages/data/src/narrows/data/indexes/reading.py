"""Reading an index row by row: a process holds a few row groups of it, however many files it lists."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.errors import DataError, shown
from narrows.data.indexes.filters import RowFilter
from narrows.data.indexes.table import ROWS_OF_GROUP, Manifest, complete_manifest, parquet

OPEN_PARTS = 16
KEPT_GROUPS = 64
Ints = NDArray[np.int64]


class Place(NamedTuple):
    """A row group."""

    part: int
    group: int


class IndexedFiles:
    """The files of an index, by number.

    Args:
        folder: of the index.
        root: folder of the files; None takes the one that was indexed.
        rows: which of its rows to take; rows that are left out have no number.

    Raises:
        DataError: there is no index, or it was not finished.
    """

    def __init__(self, folder: str | Path, root: str | Path | None = None, rows: RowFilter | None = None) -> None:
        self.folder = Path(folder)
        self.manifest: Manifest = complete_manifest(self.folder)
        self.root = Path(self.manifest.root if root is None else root)
        self.names = _Names(self)
        self._readers = _Readers(self.folder, [part.name for part in self.manifest.parts])
        sizes = np.array([part.rows for part in self.manifest.parts], np.int64)
        groups = -(-sizes // ROWS_OF_GROUP)
        self._first_groups: Ints = np.cumsum([0, *groups])
        self._rows = rows if rows is not None and rows.columns else None
        counts = _sizes_of_groups(sizes)
        if self._rows is not None:
            self._rows, counts = self._judged(self._rows, len(counts))
        self._ends: Ints = np.cumsum(counts)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def path(self, item: int) -> str:
        """Path of a file."""
        return os.path.join(self.root, self.name(item))  # noqa: PTH118  the text is what is needed

    def name(self, item: int) -> str:
        """Path of a file below the root, with `/`."""
        number = int(np.searchsorted(self._ends, item, "right"))
        before = int(self._ends[number - 1]) if number else 0
        return self._names_of_group(number)[item - before]

    def tables(self, columns: list[str]) -> Iterator[Any]:
        """Some columns of all rows, row group by row group, rows that are left out included."""
        for number in range(int(self._first_groups[-1])):
            yield self._readers.read(self._place(number), columns)

    def _names_of_group(self, number: int) -> list[str]:
        kept = self._readers.kept.get(number)
        if kept is not None and self._readers.is_mine():
            self._readers.kept.move_to_end(number)
            return kept
        wanted = ["path"] if self._rows is None else list({"path": 0, **dict.fromkeys(self._rows.columns)})
        table = self._readers.read(self._place(number), wanted)
        names: list[str] = table.column("path").to_pylist()
        if self._rows is not None:
            names = [names[row] for row in np.flatnonzero(self._rows.mask(table)).tolist()]
        return self._readers.keep(number, names)

    def _place(self, number: int) -> Place:
        part = int(np.searchsorted(self._first_groups, number, "right")) - 1
        return Place(part, number - int(self._first_groups[part]))

    def _judged(self, rows: RowFilter, groups: int) -> tuple[RowFilter, Ints]:
        """The filter, and how many rows of each row group it takes."""
        if rows.split != "all":
            hashes = [t.column("path_crc32").to_numpy()[rows.before_split(t)] for t in self.tables(rows.columns)]
            ends = [(int(h.min()), int(h.max())) for h in hashes if len(h)]
            if ends:
                rows = rows.with_border_between(min(low for low, _ in ends), max(high for _, high in ends))
        kept = (np.count_nonzero(rows.mask(table)) for table in self.tables(rows.columns))
        return rows, np.fromiter(kept, np.int64, groups)


class _Names:
    """The paths below the root, seen as a list."""

    def __init__(self, files: IndexedFiles) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, item: int) -> str:
        return self._files.name(item)


class _Readers:
    """Open parts and row groups that were read last; each process has its own."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self._folder, self._names = folder, names
        self._clear()

    def __getstate__(self) -> dict[str, Any]:
        return {"_folder": self._folder, "_names": self._names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._clear()

    def is_mine(self) -> bool:
        """Whether this process filled it; a forked one shares the places of its parent's files, and must not."""
        return self._process == os.getpid()

    def keep(self, number: int, names: list[str]) -> list[str]:
        """Keep the names of a row group, in place of those that were not used for longest."""
        self.kept[number] = names
        while len(self.kept) > KEPT_GROUPS:
            self.kept.popitem(last=False)
        return names

    def read(self, place: Place, columns: list[str]) -> Any:
        """Columns of a row group.

        Raises:
            DataError: the part is gone or damaged.
        """
        pa, _ = parquet()
        if not self.is_mine():
            self._clear()
        try:
            return self._open(place.part).read_row_group(place.group, columns=columns, use_threads=False)
        except (OSError, pa.ArrowException, IndexError) as error:
            path = shown(self._folder / self._names[place.part])
            reason = " ".join(str(error).split())
            message = (
                f"{path} cannot be read ({reason}). Was the index changed meanwhile? Start again, or make it again"
            )
            raise DataError(message) from error

    def _open(self, part: int) -> Any:
        _, pq = parquet()
        if part in self._parts:
            self._parts.move_to_end(part)
            return self._parts[part]
        self._parts[part] = pq.ParquetFile(self._folder / self._names[part])
        while len(self._parts) > OPEN_PARTS:
            self._parts.popitem(last=False)[1].close()
        return self._parts[part]

    def _clear(self) -> None:
        self._process = os.getpid()
        self._parts: OrderedDict[int, Any] = OrderedDict()
        self.kept: OrderedDict[int, list[str]] = OrderedDict()


def _sizes_of_groups(sizes: Ints) -> Ints:
    """Rows of every row group of parts with so many rows."""
    parts = [np.full(-(-size // ROWS_OF_GROUP), ROWS_OF_GROUP) for size in sizes.tolist()]
    for part, size in zip(parts, sizes.tolist(), strict=True):
        part[-1] = size - (len(part) - 1) * ROWS_OF_GROUP
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
