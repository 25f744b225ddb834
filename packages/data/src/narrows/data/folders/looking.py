"""Looking at many sounds at once, in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from narrows.data.errors import AudioFileError
from narrows.data.folders.report import FileReport, FolderReport

Which = TypeVar("Which")
Looked = Iterable[FileReport | str]
"""Of each sound what it is like, or why it cannot be read."""


def look_into(
    report: FolderReport,
    names: Sequence[str],
    look: Callable[[int], FileReport],
    threads: int | None,
    progress: Callable[[int, int], object],
    looked: Looked | None = None,
) -> None:
    """Add what is found to a report.

    Args:
        report: of all sounds.
        names: of the sounds, for those that cannot be read.
        look: reads the sound of a number; an AudioFileError becomes a line of the report.
        threads: sounds read at once; None is one a core.
        progress: told how many are done, and of how many.
        looked: what was found elsewhere, in the order of the names; None reads the sounds here.
    """
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        every = pool.map(lambda number: tried(look, number), range(len(names))) if looked is None else looked
        for number, found in enumerate(every):
            if isinstance(found, FileReport):
                report.files.append(found)
            else:
                report.bad[names[number]] = found
            progress(number + 1, len(names))


def tried(look: Callable[[Which], FileReport], which: Which) -> FileReport | str:
    """What a sound is like, or why it cannot be read."""
    try:
        return look(which)
    except AudioFileError as error:
        return error.reason
