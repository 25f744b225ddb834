"""Looking into a manifest of Lhotse's cuts."""

from __future__ import annotations

from collections.abc import Callable

from narrows.configs import LhotseEntry
from narrows.data.cuts.manifest import read_manifest
from narrows.data.folders.inspect_file import inspect_decoder
from narrows.data.folders.looking import look_into
from narrows.data.folders.report import FileReport, FolderReport


def inspect_cuts(place: str, threads: int | None, progress: Callable[[int, int], object]) -> FolderReport:
    """Read every cut of a manifest.

    Args:
        place: the manifest; relative paths of recordings begin at its folder.
        threads: cuts read at once; None is one a core.
        progress: told how many cuts are done, and of how many.

    Raises:
        DataError: there is no such manifest, or none of its cuts can be read.
    """
    manifest = read_manifest(LhotseEntry(id="inspect", path=place))
    report = FolderReport(place)
    report.bad.update(manifest.bad)
    report.columns = list(dict.fromkeys(name for cut in manifest for name in cut.values))

    def look(number: int) -> FileReport:
        cut = manifest[number]
        with cut.open() as decoder:
            return inspect_decoder(decoder, cut.place, cut.id)

    look_into(report, [cut.place for cut in manifest], look, threads, progress)
    return report
