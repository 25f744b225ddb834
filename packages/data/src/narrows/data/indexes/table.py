"""What an index consists of: parts with a row a file, and a manifest that says which parts count.

    music.parquet/
      _index.json             written last: what it does not name does not count
      part-000000.parquet     files that can be read
      _bad-000000.parquet     files that cannot, with reasons; other readers of the folder pass over underscores

It is an ordinary Parquet data set, so that pyarrow, pandas, DuckDB and Spark read it too.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from narrows.configs.files import atomic_file
from narrows.data.errors import DataError, shown, system_reason
from narrows.data.row_groups import parquet

VERSION = 1
MANIFEST = "_index.json"
ROWS_OF_PART = 65_536
ROWS_OF_GROUP = 1024
"""So few, because training reads a whole row group to learn the path of one file."""


@dataclass(frozen=True)
class Part:
    """A Parquet file with rows of files that can be read."""

    name: str
    rows: int
    bytes: int
    """Of the files."""
    seconds: float
    channels: dict[str, int]
    """How many files have so many channels, by their number."""
    digest: str
    """SHA-256 over names and sizes of the files."""


@dataclass(frozen=True)
class BadPart:
    """A Parquet file with rows of files that cannot be read."""

    name: str
    rows: int


@dataclass
class Manifest:
    """Which parts make the index, and what it is an index of."""

    root: str
    extensions: list[str]
    hashes: bool
    parts: list[Part] = field(default_factory=list)
    bad: list[BadPart] = field(default_factory=list)
    complete: bool = False
    """False while it is being made, or when that was interrupted."""
    next: int = 0
    """Number of the next part."""
    version: int = VERSION

    @property
    def rows(self) -> int:
        """Files that can be read."""
        return sum(part.rows for part in self.parts)

    @property
    def bad_rows(self) -> int:
        """Files that cannot be read."""
        return sum(part.rows for part in self.bad)

    @property
    def seconds(self) -> float:
        """Length of all files together."""
        return sum(part.seconds for part in self.parts)

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(part.bytes for part in self.parts)

    def save(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        with atomic_file(folder / MANIFEST) as temporary:
            temporary.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of an index; None where there is none.

    Raises:
        DataError: it is damaged, or of a later release.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        version = found.get("version")
        if version != VERSION:
            raise _refusal(path, version)
        parts, bad = [Part(**part) for part in found.pop("parts")], [BadPart(**part) for part in found.pop("bad")]
        return Manifest(**found, parts=parts, bad=bad)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DataError(f"{shown(path)}: {system_reason(error)}") from error
    except DataError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        message = (
            f"{shown(path)} is no manifest of an index, or damaged: make the index again with `narrows data index`"
        )
        raise DataError(message) from error


def _refusal(path: Path, version: object) -> DataError:
    return DataError(
        f"{shown(path)}: version {version!r} of an index cannot be read, only {VERSION}: make it again with "
        "`narrows data index`"
    )


def complete_manifest(folder: Path) -> Manifest:
    """The manifest of an index that can be read.

    Raises:
        DataError: there is none, or it was not finished.
    """
    manifest = read_manifest(folder)
    command = f"narrows data index FOLDER -o {shown(folder)}"
    if manifest is None:
        raise DataError(f"{shown(folder)} is no index (it holds no {MANIFEST}). Make it: {command}")
    if not manifest.complete:
        raise DataError(
            f"The index {shown(folder)} was not finished: {manifest.rows} files are in it. Go on: {command}"
        )
    return manifest


def columns() -> Any:
    """The schema of the rows."""
    pa, _ = parquet()
    return pa.schema(
        [
            ("path", pa.string()),
            ("size", pa.int64()),
            ("mtime_ns", pa.int64()),
            ("frames", pa.int64()),
            ("sample_rate", pa.int32()),
            ("channels", pa.int16()),
            ("path_crc32", pa.uint32()),
            ("sha256", pa.binary(32)),
            ("remark", pa.string()),
        ]
    )


def bad_columns() -> Any:
    """The schema of the rows of files that cannot be read."""
    pa, _ = parquet()
    return pa.schema([("path", pa.string()), ("size", pa.int64()), ("mtime_ns", pa.int64()), ("reason", pa.string())])
