"""Stages: each leaves a JSON file with its result, settings and processor seconds, and is not done twice."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from narrows.configs.files import atomic_file

EVERY = 2.0
"""Seconds between two notes of the time that was spent: what a killed process loses at most."""


class OtherSettingsError(ValueError):
    """A stage was done with other settings."""


def stage(file: Path, settings: Mapping[str, Any], work: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """The result of a stage, which is done unless its file is there.

    Args:
        file: of the result.
        settings: what the result depends on.
        work: does it; a second call goes on where a killed first one stopped, as far as the work itself can.

    Returns:
        What `work` returned, with `processor_seconds` of all attempts.

    Raises:
        OtherSettingsError: the file is of other settings.
    """
    plain = json.loads(json.dumps(settings))
    if file.is_file():
        found: dict[str, Any] = json.loads(file.read_text())
        if found["settings"] != plain:
            raise OtherSettingsError(f"{file} was made with {found['settings']}, not {plain}: name another folder")
        return found["result"]  # type: ignore[no-any-return]
    print(f"{file.stem} ...", flush=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    with spending(file.with_suffix(".seconds")) as spent:
        result = dict(work())
    result["processor_seconds"] = spent()
    write_json(file, {"settings": plain, "result": result})
    return result


@contextmanager
def spending(note: Path) -> Iterator[Callable[[], float]]:
    """Count the processor seconds of this process, its children, and those before it that were killed.

    Processor seconds do not depend on what else the machine does, as the time on the wall would.
    """
    before = float(note.read_text()) if note.is_file() else 0.0
    start, over = _processor_seconds(), threading.Event()

    def spent() -> float:
        return before + _processor_seconds() - start

    def keep() -> None:
        while not over.wait(EVERY):
            write_json(note, spent())

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield spent
    finally:
        over.set()
        keeper.join()
        write_json(note, spent())


def _processor_seconds() -> float:
    return time.process_time() + sum(os.times()[2:4])


def write_json(file: Path, content: Any) -> None:
    """Write a file whole or not at all."""
    with atomic_file(file) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n")
