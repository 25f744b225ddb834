"""Looking into Parquet files whose rows hold sounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from narrows.configs import ParquetEntry
from narrows.data.errors import AudioFileError
from narrows.data.folders.inspect_file import inspect_file
from narrows.data.folders.looking import look_into
from narrows.data.folders.report import FileReport, FolderReport
from narrows.data.parquet_audio.files import Contents, find_row_files, read_contents
from narrows.data.parquet_audio.rows import Rows

KEPT_GROUPS = 2
"""Row groups in memory: rows are read in their order, by threads that are not far apart."""


def inspect_rows(place: str, threads: int | None, progress: Callable[[int, int], object]) -> FolderReport:
    """Read every sound of a Parquet file, or of those in a folder or behind an address.

    Args:
        place: file, folder or address.
        threads: rows read at once; None is one a core.
        progress: told how many rows are done, and of how many.

    Raises:
        DataError: there is no such file.
    """
    found = find_row_files(ParquetEntry(id="inspect", path=place))
    read = read_contents(found, None, ())
    report = FolderReport(place)
    report.bad.update({error.path: error.reason for error in read if isinstance(error, AudioFileError)})
    good = [(file, held) for file, held in zip(found, read, strict=True) if isinstance(held, Contents)]
    rows = Rows([file for file, _ in good], [held for _, held in good], KEPT_GROUPS)
    report.columns = list(dict.fromkeys(name for _, held in good for name in held.columns.metadata))

    def look(number: int) -> FileReport:
        row = rows.row(number)
        return inspect_file(f"{row.name}/{PurePosixPath(row.relative).name}", row.name, row.audio)

    names = [f"{file.name}#{number}" for file, held in good for number in range(sum(held.rows))]
    look_into(report, names, look, threads, progress)
    return report
