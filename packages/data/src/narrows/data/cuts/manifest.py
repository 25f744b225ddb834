"""Manifests of cuts: lines kept as they are, and read one by one."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from narrows.configs import LhotseEntry
from narrows.data.cuts.cut import Cut, parse
from narrows.data.errors import AudioFileError, DataError, listing, shown, system_reason

ENDINGS = (".jsonl", ".jsonl.gz")
THREADS = 16
"""That look whether files are there."""


class Manifest:
    """The cuts of a file that can be read; lines stay text in memory until they are asked for.

    Attributes:
        bad: why lines were left out, by manifest and line.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, root
        self._text = _content(path)
        ends = np.flatnonzero(np.frombuffer(self._text, np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1])
        self._ends = np.concatenate([ends, [len(self._text)]])
        self._lines = np.array([n for n in range(len(self._starts)) if self._line(n).strip()], np.int64)
        self.bad: dict[str, str] = {}
        self._numbers: dict[str, int] | None = None
        self._leave_out()

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> Cut:
        line = int(self._lines[number])
        return parse(self._line(line), self._place(line), self.root)

    def __iter__(self) -> Iterator[Cut]:
        return (self[number] for number in range(len(self)))

    def named(self, name: str) -> Cut | None:
        """The cut of an id."""
        if self._numbers is None:
            self._numbers = {cut.id: number for number, cut in enumerate(self)}
        number = self._numbers.get(name)
        return None if number is None else self[number]

    def _leave_out(self) -> None:
        """Leave out lines that are no cuts, that repeat an id, and those whose files are missing."""
        ids: dict[str, int] = {}
        paths: dict[Path, str | None] = {}
        wanted: dict[int, list[Path]] = {}
        for line in self._lines.tolist():
            try:
                cut = parse(self._line(line), self._place(line), self.root)
            except AudioFileError as error:
                self.bad[self._place(line)] = error.reason
            else:
                if (first := ids.setdefault(cut.id, line)) != line:
                    self.bad[self._place(line)] = f"has the id {cut.id!r} of line {first + 1}"
                    continue
                wanted[line] = [source.path for source in cut.sources]
                paths.update(dict.fromkeys(wanted[line]))
        with ThreadPoolExecutor(THREADS) as pool:
            paths.update(zip(paths, pool.map(_missing, paths), strict=True))
        for line, files in wanted.items():
            if reason := next((f"{path}: {paths[path]}" for path in files if paths[path]), None):
                self.bad[self._place(line)] = reason
        self._lines = np.array([n for n in self._lines.tolist() if self._place(n) not in self.bad], np.int64)

    def _line(self, number: int) -> bytes:
        return self._text[self._starts[number] : self._ends[number]]

    def _place(self, line: int) -> str:
        return f"{self.path}:{line + 1}"


def read_manifest(entry: LhotseEntry) -> Manifest:
    """The cuts of an entry.

    Raises:
        DataError: there is no such manifest, or none of its cuts can be read.
    """
    path = Path(entry.path).expanduser()
    if not path.is_file():
        raise DataError(f"Data set {entry.id!r}: there is no manifest {shown(path)} (a .jsonl or .jsonl.gz of cuts)")
    root = path.parent if entry.root is None else Path(entry.root).expanduser()
    manifest = Manifest(path, root)
    if not len(manifest):
        raise DataError(
            f"Data set {entry.id!r} ({path}): no cut can be read. Relative paths of recordings begin at {shown(root)}; "
            f"`root` says otherwise\n{listing(manifest.bad)}".rstrip()
        )
    return manifest


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.name.endswith(".gz") else content
    except OSError as error:
        raise DataError(f"Cannot read the manifest {shown(path)}: {system_reason(error)}") from error
    except (EOFError, zlib.error) as error:
        raise DataError(f"The manifest {shown(path)} is no whole gzip file: {error}") from error


def _missing(path: Path) -> str | None:
    """Why a file cannot be read; None where it is there."""
    try:
        path.stat()
    except OSError as error:
        return system_reason(error)
    return None
