"""`metrics.csv`: one value a line, as `step,split,name,value`, so that new names need no new columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from narrows.configs.files import atomic_file
from narrows.training.loggers.jsonl import closed_when_it_fails

HEADER = ["step", "split", "name", "value"]


class CsvLogger:
    """Appends to a file."""

    def __init__(self, path: Path, start: int) -> None:
        rows = _rows(path, start) if path.exists() else []
        with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *rows])
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Append a line a value."""
        with closed_when_it_fails(self._file):
            self._writer.writerows([step, split, name, value] for name, value in values.items())
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _rows(path: Path, start: int) -> list[list[str]]:
    """The rows up to a step; one that a kill cut off is left out."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(HEADER) and row != HEADER]
    return [row for row in rows if 0 < start >= int(row[0])]


def create(folder: Path, run: str, start: int) -> CsvLogger:
    """The logger of a run."""
    return CsvLogger(folder / "metrics.csv", start)
