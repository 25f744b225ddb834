"""Looking into a folder: what is there, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs.storage import address_of
from narrows.data.cuts.manifest import ENDINGS
from narrows.data.errors import DataError
from narrows.data.folders.inspect_cuts import inspect_cuts
from narrows.data.folders.inspect_file import inspect_file
from narrows.data.folders.inspect_rows import inspect_rows
from narrows.data.folders.looking import Looked, look_into
from narrows.data.folders.report import FileReport, FolderReport
from narrows.data.places import Place, place_of
from narrows.data.scan import Selection


def inspect_folder(
    path: str | os.PathLike[str],
    extensions: Sequence[str] = AUDIO_ENDINGS,
    threads: int | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
    looked: Callable[[FolderLook, Sequence[str]], Looked] | None = None,
) -> FolderReport:
    """Read every audio file of a folder, and report lengths, formats, levels, duplicates and broken files.

    Memory stays flat: files are read in blocks. A folder without audio files that holds Parquet files, or one such
    file, is looked into row by row (`narrows.data.folders.inspect_rows`), a manifest of Lhotse cut by cut. Files behind
    an address are fetched one by one, and not kept.

    Args:
        path: the folder, or its address.
        extensions: endings of the files to read.
        threads: files read at once; None is one a core.
        progress: told how many files are done, and of how many.
        looked: looks into the named files elsewhere, and gives what is found in their order; None does it here. Parquet
            files are always read here.

    Raises:
        DataError: there is no such folder.
    """
    told = os.fspath(path)
    if address_of(told) is not None and told.endswith(".parquet"):
        return inspect_rows(told, threads, progress)  # also on web servers, which list nothing
    place, single = place_of(path, "inspect")
    if single is not None and single.endswith(".parquet"):
        return inspect_rows(told, threads, progress)
    if single is not None and single.endswith(ENDINGS):
        return inspect_cuts(told, threads, progress)
    if single is not None:
        raise DataError(f"inspect: {told} is not a folder")
    report = FolderReport(place.root)
    listing = place.find(Selection(tuple(extensions)), report.bad.setdefault)
    if not listing.names and listing.others[".parquet"]:
        return inspect_rows(told, threads, progress)
    report.others = dict(listing.others)
    look = FolderLook(place)
    found = None if looked is None else looked(look, listing.names)
    look_into(report, listing.names, lambda number: look(listing.names[number]), threads, progress, found)
    return report


@dataclass(frozen=True)
class FolderLook:
    """Looks into single files of a folder; it may go to another process."""

    place: Place

    def __call__(self, name: str) -> FileReport:
        """What a file is like.

        Raises:
            AudioFileError: it cannot be read.
        """
        with self.place.holding([name]) as folder:
            return inspect_file(folder / name, name)
