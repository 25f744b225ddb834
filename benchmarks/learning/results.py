"""Results of a study as JSON lines, one an arm and seed, so that a study goes on where it was stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Results:
    """A file of results.

    Args:
        path: is made with the first result.
        conditions: what results must have in common with those that are asked for, e.g. `budget` and `data`.
    """

    def __init__(self, path: Path, conditions: dict[str, Any]) -> None:
        self.path, self.conditions = path, conditions

    def rows(self) -> list[dict[str, Any]]:
        """The results under these conditions; a line that was cut off while being written is left out."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if all(row.get(name) == value for name, value in self.conditions.items()):
                found.append(row)
        return found

    def missing(self, arms: Iterable[str], seed: int) -> list[str]:
        """The arms that have no result with a seed."""
        done = {row["arm"] for row in self.rows() if row["seed"] == seed}
        return [arm for arm in arms if arm not in done]

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Append results and bring them to the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cut = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" if cut else "")
            file.writelines(json.dumps({**row, **self.conditions}) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
