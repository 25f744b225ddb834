"""Rows of Parquet files by number: a process keeps the row groups that it read last."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from narrows.configs.storage import address_of
from narrows.data.errors import AudioFileError, system_reason
from narrows.data.parquet_audio.columns import Columns
from narrows.data.parquet_audio.files import Contents, RowFile
from narrows.data.row_groups import Place, RowGroups, parquet

NEAR = 16
"""Draws in place of a bad row that stay in its row group, before any other row is taken."""


class Row(NamedTuple):
    """A row."""

    name: str
    """Path or address of its file, and its number there: what tells it from all others."""
    relative: str
    """What its sound was called, or else the same below the folder."""
    audio: bytes
    """The content of a sound file."""
    values: dict[str, Any]
    """Its metadata."""


class _Group(NamedTuple):
    place: Place
    first: int
    """Number of its first row in its file."""
    rows: int


class Rows:
    """The rows of files, numbered through.

    Args:
        files: which follow one another.
        contents: what each holds.
        keep: row groups that are kept in memory.
    """

    def __init__(self, files: Sequence[RowFile], contents: Sequence[Contents], keep: int) -> None:
        self._files, self._columns = list(files), [held.columns for held in contents]
        self._groups = [
            _Group(Place(number, group), sum(held.rows[:group]), rows)
            for number, held in enumerate(contents)
            for group, rows in enumerate(held.rows)
            if rows
        ]
        self.sizes = np.array([group.rows for group in self._groups], np.int64)
        """Rows of each row group that has any."""
        self._ends = np.cumsum(self.sizes)
        self._tables: RowGroups[Any] = RowGroups([file.open for file in files], keep)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def row(self, item: int) -> Row:
        """A row.

        Raises:
            AudioFileError: it cannot be read, or holds no sound.
        """
        number, within = self._find(item)
        group = self._groups[number]
        file, columns = self._files[group.place.file], self._columns[group.place.file]
        table = self._tables.get(number, partial(self._read, group, columns))
        if within >= table.num_rows:
            raise AudioFileError(file.name, f"has fewer rows than before in row group {group.place.group}")
        name = f"{file.name}#{group.first + within}"
        found = {column: table.column(column)[within].as_py() for column in columns.wanted}
        audio, called = _sound(name, file, found[columns.audio], columns.nested)
        return Row(name, called or f"{file.relative}#{group.first + within}", audio, columns.values(found))

    def instead(self, item: int, attempt: int, rng: np.random.Generator) -> int:
        """Another row for one that is bad or not wanted: of the same row group, which is in memory, at first."""
        number, _ = self._find(item)
        if attempt > NEAR:
            return int(rng.integers(len(self)))
        last = int(self._ends[number])
        return int(rng.integers(last - int(self.sizes[number]), last))

    def _find(self, item: int) -> tuple[int, int]:
        """Number of a row's group, and its number there."""
        number = int(np.searchsorted(self._ends, item, "right"))
        return number, item - (int(self._ends[number]) - int(self.sizes[number]))

    def _read(self, group: _Group, columns: Columns) -> Any:
        pa, _ = parquet()
        name = self._files[group.place.file].name
        try:
            return self._tables.read(group.place, columns.wanted)
        except AudioFileError:
            raise
        except (OSError, ValueError, IndexError, KeyError, pa.ArrowException) as error:
            reason = (
                system_reason(error) if isinstance(error, OSError) and error.errno else " ".join(str(error).split())
            )
            raise AudioFileError(name, f"row group {group.place.group} cannot be read: {reason}") from error


def _sound(name: str, file: RowFile, value: Any, nested: bool) -> tuple[bytes, str]:
    """The content of a sound, and what it is called, if anything."""
    data = value["bytes"] if nested and value is not None else value
    called = str(value["path"] or "") if nested and value is not None else ""
    if data is not None:
        return data, called
    if not called:
        raise AudioFileError(name, "holds no sound: its bytes are null")
    path = PurePosixPath(called)
    if path.is_absolute() or ".." in path.parts or address_of(file.name) is not None or os.path.isabs(called):  # noqa: PTH117
        raise AudioFileError(
            name, f"only names a sound ({called!r}) that is not below its folder: write the data set with its bytes"
        )
    try:
        return (Path(file.name).parent / called).read_bytes(), called
    except OSError as error:
        raise AudioFileError(name, f"its sound {called!r}: {system_reason(error)}") from error
