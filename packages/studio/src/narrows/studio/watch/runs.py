"""Runs below folders: their logs, demos and reports."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from narrows.studio.errors import NotThereError
from narrows.studio.places import inside

LOG, REPORT, DEMOS = "metrics.jsonl", "report.html", "demos"
DEPTH = 4
"""Levels of folders below one that was given."""
DEMO_FILES = (".wav", ".png", ".json")
STEP = re.compile(r"step=(\d+)")
READ = 4 * 1024**2
"""Bytes of a log that are read at a time."""


class Runs:
    """Finds and reads runs.

    Args:
        folders: in which runs are looked for.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = [folder.resolve() for folder in folders]

    def all(self) -> list[dict[str, Any]]:
        """Every run as `StudioRun`, the one that logged last first."""
        return sorted((self._described(path) for path in self._paths()), key=lambda run: -float(run["updated"]))

    def get(self, identity: str) -> dict[str, Any]:
        """A run as `StudioRun`."""
        return self._described(self.path(identity))

    def path(self, identity: str) -> Path:
        """The folder of a run.

        Raises:
            NotThereError: there is none.
        """
        for path in self._paths():
            if _id(path) == identity:
                return path
        raise NotThereError(f"There is no run {identity[:64]}")

    def metrics(self, identity: str, after: int) -> dict[str, Any]:
        """What was logged behind an offset, as `StudioRunMetrics`; a log that became shorter is read anew."""
        path = self.path(identity) / LOG
        size = path.stat().st_size
        restarted = after > size
        start = 0 if restarted else after
        with path.open("rb") as file:
            file.seek(start)
            content = file.read(READ)
        whole = content.rfind(b"\n") + 1  # a line that is being written is read when it is whole
        records = [record for line in content[:whole].splitlines() if (record := _record(line)) is not None]
        return {"records": records, "offset": start + whole, "restarted": restarted}

    def demo(self, identity: str, step: int, name: str) -> Path:
        """A file of a demo."""
        path = inside(self.path(identity), f"{DEMOS}/step={step:08d}/{name}")
        if path.suffix not in DEMO_FILES:
            raise NotThereError("There is no such file")
        return path

    def report(self, identity: str) -> Path:
        """The report of a run."""
        return inside(self.path(identity), REPORT)

    def _paths(self) -> Iterator[Path]:
        seen = set()
        for folder in self.folders:
            for place, inner, files in os.walk(folder):
                level = len(Path(place).relative_to(folder).parts)
                inner[:] = [] if level == DEPTH else sorted(name for name in inner if not name.startswith("."))
                if LOG in files and place not in seen:
                    seen.add(place)
                    inner.clear()
                    yield Path(place)

    def _described(self, path: Path) -> dict[str, Any]:
        log = path / LOG
        folder = next(folder for folder in self.folders if path.is_relative_to(folder))
        return {
            "id": _id(path),
            "name": path.relative_to(folder).as_posix() if path != folder else folder.name,
            "step": _newest_step(log),
            "steps": _planned(path / "experiment.json"),
            "updated": log.stat().st_mtime,
            "report": (path / REPORT).is_file(),
            "demos": list(_demos(path / DEMOS)),
        }


def _id(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _record(line: bytes) -> dict[str, Any] | None:
    """A line of a log; None where a kill cut it off."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("step"), int):
        return None
    return {key: value for key, value in record.items() if value is None or isinstance(value, int | float | str)}


def _newest_step(log: Path) -> int:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 65536))
        lines = file.read().splitlines()
    return next((int(found["step"]) for line in reversed(lines) if (found := _record(line)) is not None), 0)


def _planned(path: Path) -> int | None:
    try:
        steps = json.loads(path.read_text(encoding="utf-8")).get("steps")
    except (OSError, ValueError, AttributeError):
        return None
    return steps if isinstance(steps, int) else None


def _demos(folder: Path) -> Iterator[dict[str, Any]]:
    steps = {int(found[1]): path for path in folder.glob("step=*") if (found := STEP.fullmatch(path.name))}
    for step, path in sorted(steps.items(), reverse=True):
        files = sorted(file.name for file in path.iterdir() if file.suffix in DEMO_FILES)
        yield {"step": step, "files": files}
