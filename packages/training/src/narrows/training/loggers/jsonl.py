"""`metrics.jsonl`: one JSON object a line, with `step`, `split` and the values by name."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from narrows.configs.files import atomic_file
from narrows.configs.write_errors import named_when_it_fails
from narrows.pipelines.metrics_log import read_metrics


@contextmanager
def closed_when_it_fails(file: IO[str]) -> Iterator[None]:
    """Let go of a file that cannot be written: its logger is switched off, and nobody else closes it."""
    try:
        yield
    except OSError:
        with suppress(OSError):  # what is still to be written
            file.close()
        raise


class JsonLinesLogger:
    """Appends to a file.

    Args:
        path: the file.
        start: step at which the run goes on; later lines are removed, and a line that was cut off. At 0 it begins anew.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            kept = [record for record in read_metrics(path) if 0 < start >= record["step"]]
            with atomic_file(path) as temporary:
                temporary.write_text("".join(f"{json.dumps(record)}\n" for record in kept), encoding="utf-8")
        self._path = path
        with named_when_it_fails(path):
            self._file = path.open("a", encoding="utf-8")

    def log(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Append a line; values that are not finite become null, as JSON has no word for them."""
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        with named_when_it_fails(self._path), closed_when_it_fails(self._file):
            self._file.write(json.dumps({"step": step, "split": split, **finite}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
