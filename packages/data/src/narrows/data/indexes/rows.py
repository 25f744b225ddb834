"""Rows of an index, made of files: what the worker processes of `narrows data index` do."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from narrows.audio.formats.decoder import AudioInfo
from narrows.configs.files import atomic_file
from narrows.data.errors import system_reason
from narrows.data.index import THREADS, file_stamp, read_header
from narrows.data.indexes.table import ROWS_OF_GROUP, BadPart, Part, bad_columns, columns
from narrows.data.row_groups import parquet


class Row(NamedTuple):
    """A file."""

    path: str
    size: int
    mtime_ns: int
    info: AudioInfo | None
    """None for a file that cannot be read."""
    reason: str
    """Why it cannot be read, or what is wrong with one that can."""
    sha256: bytes | None


class Made(NamedTuple):
    """What became of some files."""

    part: Part | None
    bad: BadPart | None


def make_part(root: str, names: Sequence[str], folder: str, number: int, hashes: bool) -> Made:
    """Open files, and write a part about them.

    Args:
        root: their folder.
        names: their paths below it.
        folder: of the index.
        number: of the part.
        hashes: read them whole, for their SHA-256.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        rows = list(pool.map(lambda name: _row(root, name, hashes), names))
    good, bad = [row for row in rows if row.info is not None], [row for row in rows if row.info is None]
    if good:
        write_table(Path(folder) / f"part-{number:06d}.parquet", _good_table(good))
    if bad:
        write_table(Path(folder) / f"_bad-{number:06d}.parquet", _bad_table(bad))
    return Made(
        _summary(f"part-{number:06d}.parquet", good) if good else None,
        BadPart(f"_bad-{number:06d}.parquet", len(bad)) if bad else None,
    )


def stamps_of(root: str, file: str) -> tuple[list[str], list[bool]]:
    """Paths of the rows of a part, and which of their files are as they were, by size and time of change."""
    _, pq = parquet()
    table = pq.read_table(file, columns=["path", "size", "mtime_ns"], use_threads=False).to_pydict()
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda name: file_stamp(f"{root}/{name}"), table["path"]))
    stored = zip(table["size"], table["mtime_ns"], strict=True)
    return table["path"], [now == then for now, then in zip(found, stored, strict=True)]


def keep_rows(file: str, keep: Sequence[bool], target: str) -> Part | BadPart:
    """Write a part again with only some of its rows, under a name of its own."""
    pa, pq = parquet()
    table = pq.read_table(file, use_threads=False).filter(pa.array(keep, pa.bool_()))
    write_table(Path(target), table)
    name = Path(target).name
    if "frames" not in table.column_names:
        return BadPart(name, table.num_rows)
    return _of_table(name, table)


def _row(root: str, name: str, hashes: bool) -> Row:
    path = f"{root}/{name}"
    try:
        os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        text = os.fsencode(name).decode("utf-8", "backslashreplace")
        return Row(text, 0, 0, None, "its name is no UTF-8, which an index needs: rename it", None)
    # Before the content, so that a file that changes while it is read is noticed the next time.
    size, time = file_stamp(path)
    info, reason = read_header(path)
    sha256 = None
    if info is not None and hashes:
        try:
            with Path(path).open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            info, reason = None, system_reason(error)
    return Row(name, size, time, info, reason, sha256)


def _good_table(rows: Sequence[Row]) -> Any:
    pa, _ = parquet()
    infos = [row.info for row in rows if row.info is not None]
    values = {
        "path": [row.path for row in rows],
        "size": [row.size for row in rows],
        "mtime_ns": [row.mtime_ns for row in rows],
        "frames": [info.frames for info in infos],
        "sample_rate": [info.sample_rate for info in infos],
        "channels": [info.channels for info in infos],
        "path_crc32": [crc32(os.fsencode(row.path)) for row in rows],
        "sha256": [row.sha256 for row in rows],
        "remark": [row.reason or None for row in rows],
    }
    return pa.Table.from_pydict(values, schema=columns())


def _bad_table(rows: Sequence[Row]) -> Any:
    pa, _ = parquet()
    values = [{"path": r.path, "size": r.size, "mtime_ns": r.mtime_ns, "reason": r.reason} for r in rows]
    return pa.Table.from_pylist(values, schema=bad_columns())


def write_table(path: Path, table: Any) -> None:
    """Write a part, whole or not at all."""
    _, pq = parquet()
    with atomic_file(path) as temporary:
        pq.write_table(
            table,
            temporary,
            row_group_size=ROWS_OF_GROUP,
            compression="zstd",
            # Paths hardly ever repeat; a dictionary would be read in front of every row group.
            use_dictionary=False,
            write_statistics=False,
        )


def _summary(name: str, rows: Sequence[Row]) -> Part:
    infos = [row.info for row in rows if row.info is not None]
    return describe(
        name,
        [row.path for row in rows],
        [row.size for row in rows],
        sum(info.seconds for info in infos),
        Counter(info.channels for info in infos),
    )


def _of_table(name: str, table: Any) -> Part:
    data = table.select(["path", "size", "frames", "sample_rate", "channels"]).to_pydict()
    seconds = sum(frames / rate for frames, rate in zip(data["frames"], data["sample_rate"], strict=True))
    return describe(name, data["path"], data["size"], seconds, Counter(data["channels"]))


def describe(name: str, paths: Sequence[str], sizes: Sequence[int], seconds: float, channels: Counter[int]) -> Part:
    """What the manifest says about a part."""
    digest = hashlib.sha256()
    for path, size in zip(paths, sizes, strict=True):
        digest.update(f"{path}\0{size}\n".encode())
    counts = {str(number): count for number, count in sorted(channels.items())}
    return Part(name, len(paths), sum(sizes), seconds, counts, digest.hexdigest())
