"""Finding Parquet files in folders and behind addresses, and reading how many rows they have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from narrows.configs import ParquetEntry
from narrows.configs.storage import Storage, address_of
from narrows.data.errors import AudioFileError, DataError, folder_of, shown
from narrows.data.parquet_audio.columns import Columns, columns_of
from narrows.data.remote_shards import OpenObject, find_objects
from narrows.data.row_groups import parquet
from narrows.data.scan import Selection, find_files

THREADS = 8
"""That read the ends of files, where their row groups are listed."""
ENDING = ".parquet"


class RowFile(NamedTuple):
    """A Parquet file."""

    name: str
    """Path or address."""
    relative: str
    """Path below the folder or address that was searched."""
    open: Callable[[], Any]
    """What `pyarrow.parquet.ParquetFile` takes."""


class Contents(NamedTuple):
    """What a file holds."""

    rows: list[int]
    """Of each row group."""
    bytes: int
    """Of the largest row group, unpacked."""
    columns: Columns


def find_row_files(entry: ParquetEntry, retries: int = 8) -> list[RowFile]:
    """The files of an entry, sorted.

    Raises:
        DataError: the place is not there or cannot be listed, or no file fits.
    """
    address = address_of(entry.path)
    found = _local(entry) if address is None else _remote(entry, address, retries)
    taken = [file for file in found if not entry.files or _fits(file.relative, entry.files)]
    if taken:
        return taken
    place = shown(entry.path)
    if not found:
        raise DataError(f"Data set {entry.id!r}: no {ENDING} file is below {place}")
    raise DataError(
        f"Data set {entry.id!r}: none of the {len(found)} {ENDING} files below {place} fits {', '.join(entry.files)}; "
        f"the first is {found[0].relative}"
    )


def read_contents(
    files: Sequence[RowFile], audio: str | None, fields: Collection[str]
) -> list[Contents | AudioFileError]:
    """What files hold, from their ends; an error for each that cannot be read."""
    parquet()
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(partial(_contents, audio=audio, fields=fields), files))


def _contents(file: RowFile, audio: str | None, fields: Collection[str]) -> Contents | AudioFileError:
    pa, pq = parquet()
    try:
        with pq.ParquetFile(file.open()) as opened:
            groups = [opened.metadata.row_group(number) for number in range(opened.metadata.num_row_groups)]
            rows, sizes = [group.num_rows for group in groups], [group.total_byte_size for group in groups]
            return Contents(rows, max(sizes, default=0), columns_of(opened.schema_arrow, audio, fields))
    except AudioFileError as error:
        return error
    except (OSError, ValueError, pa.ArrowException) as error:
        return AudioFileError(file.name, " ".join(str(error).split()))


def _local(entry: ParquetEntry) -> list[RowFile]:
    root, single = folder_of(entry.path, f"Data set {entry.id!r}")
    names = find_files(root, Selection((ENDING[1:],), file=single)).names
    return [RowFile(str(root / name), name, partial(Path, root / name)) for name in names]


def _remote(entry: ParquetEntry, address: str, retries: int) -> list[RowFile]:
    storage = Storage(entry.profile, entry.endpoint_url, entry.region, retries)
    places = find_objects(storage, address, ENDING)
    start = address.rstrip("/") + "/"
    return [
        RowFile(place.address, place.address.removeprefix(start).rpartition("//")[2], OpenObject(storage, place))
        for place in places
    ]


def _fits(name: str, patterns: Sequence[str]) -> bool:
    base = name.rpartition("/")[2]
    return any(fnmatch(name, pattern) or fnmatch(base, pattern) for pattern in patterns)
