"""Looking at many sounds at once, in their order."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from narrows.data.errors import AudioFileError
from narrows.data.folders.report import FileReport, FolderReport


def look_into(
    report: FolderReport,
    names: Sequence[str],
    look: Callable[[int], FileReport],
    threads: int | None,
    progress: Callable[[int, int], object],
) -> None:
    """Add what is found to a report.

    Args:
        report: of all sounds.
        names: of the sounds, for those that cannot be read.
        look: reads the sound of a number; an AudioFileError becomes a line of the report.
        threads: sounds read at once; None is one a core.
        progress: told how many are done, and of how many.
    """

    def tried(number: int) -> FileReport | AudioFileError:
        try:
            return look(number)
        except AudioFileError as error:
            return error

    total = len(names)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for number, found in enumerate(pool.map(tried, range(total))):
            if isinstance(found, FileReport):
                report.files.append(found)
            else:
                report.bad[names[number]] = found.reason
            progress(number + 1, total)
