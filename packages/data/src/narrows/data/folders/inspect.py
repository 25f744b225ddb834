"""Looking into a folder: what is there, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs.storage import address_of
from narrows.data.cuts.manifest import ENDINGS
from narrows.data.errors import existing_folder
from narrows.data.folders.inspect_cuts import inspect_cuts
from narrows.data.folders.inspect_file import inspect_file
from narrows.data.folders.inspect_rows import inspect_rows
from narrows.data.folders.looking import look_into
from narrows.data.folders.report import FileReport, FolderReport
from narrows.data.scan import Selection, find_files


def inspect_folder(
    path: str | os.PathLike[str],
    extensions: Sequence[str] = AUDIO_ENDINGS,
    threads: int | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> FolderReport:
    """Read every audio file of a folder, and report lengths, formats, levels, duplicates and broken files.

    Memory stays flat: files are read in blocks. A folder without audio files that holds Parquet files, one such file
    or an address of them is looked into row by row (`narrows.data.folders.inspect_rows`), a manifest of Lhotse cut by
    cut.

    Args:
        path: the folder.
        extensions: endings of the files to read.
        threads: files read at once; None is one a core.
        progress: told how many files are done, and of how many.

    Raises:
        DataError: there is no such folder.
    """
    place = os.fspath(path)
    if address_of(place) is not None or (place.endswith(".parquet") and Path(place).is_file()):
        return inspect_rows(place, threads, progress)
    if place.endswith(ENDINGS) and Path(place).is_file():
        return inspect_cuts(place, threads, progress)
    root = existing_folder(Path(path), "inspect")
    report = FolderReport(os.fspath(root))
    listing = find_files(root, Selection(tuple(extensions)), report.bad.setdefault)
    if not listing.names and listing.others[".parquet"]:
        return inspect_rows(place, threads, progress)
    names, report.others = listing.names, dict(listing.others)

    def look(number: int) -> FileReport:
        return inspect_file(root / names[number], names[number])

    look_into(report, names, look, threads, progress)
    return report
