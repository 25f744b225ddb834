"""Reading an index row by row: a process holds a few row groups of it, however many files it lists."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.errors import DataError, shown
from narrows.data.indexes.filters import RowFilter
from narrows.data.indexes.table import ROWS_OF_GROUP, Manifest, complete_manifest
from narrows.data.row_groups import Place, RowGroups, parquet

KEPT_GROUPS = 64
Ints = NDArray[np.int64]


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
        self._parts: RowGroups[list[str]] = RowGroups(
            [partial(_same, self.folder / part.name) for part in self.manifest.parts], KEPT_GROUPS
        )
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
            yield self._read(number, columns)

    def _names_of_group(self, number: int) -> list[str]:
        return self._parts.get(number, partial(self._read_names, number))

    def _read_names(self, number: int) -> list[str]:
        wanted = ["path"] if self._rows is None else list({"path": 0, **dict.fromkeys(self._rows.columns)})
        table = self._read(number, wanted)
        names: list[str] = table.column("path").to_pylist()
        if self._rows is not None:
            names = [names[row] for row in np.flatnonzero(self._rows.mask(table)).tolist()]
        return names

    def _read(self, number: int, columns: list[str]) -> Any:
        """Columns of a row group.

        Raises:
            DataError: its part is gone or damaged.
        """
        pa, _ = parquet()
        place = self._place(number)
        try:
            return self._parts.read(place, columns)
        except (OSError, pa.ArrowException, IndexError) as error:
            path = shown(self.folder / self.manifest.parts[place.file].name)
            reason = " ".join(str(error).split())
            message = (
                f"{path} cannot be read ({reason}). Was the index changed meanwhile? Start again, or make it again"
            )
            raise DataError(message) from error

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


def _same(path: Path) -> Path:
    """What a part is opened by: its path."""
    return path


def _sizes_of_groups(sizes: Ints) -> Ints:
    """Rows of every row group of parts with so many rows."""
    parts = [np.full(-(-size // ROWS_OF_GROUP), ROWS_OF_GROUP) for size in sizes.tolist()]
    for part, size in zip(parts, sizes.tolist(), strict=True):
        part[-1] = size - (len(part) - 1) * ROWS_OF_GROUP
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
