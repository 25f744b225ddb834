"""Which files a data set stands for, cheaply: a run that goes on over other files under the same path is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs.storage import address_of
from narrows.data.indexes.table import complete_manifest
from narrows.data.scan import Selection, find_files

CONTENT = (*AUDIO_ENDINGS, "tar", "npy", "safetensors")
"""Endings of files that samples come from."""


class Fingerprint(NamedTuple):
    """Of the local files of a data set. Times do not count, so that a copy is the same data."""

    files: int
    bytes: int
    digest: str
    """SHA-256 over names and sizes."""

    def __str__(self) -> str:
        return f"{self.files} files of {self.bytes} bytes in all ({self.digest[:8]})"


def fingerprint(config: Any) -> Fingerprint | None:
    """The files of a typed data set.

    Only the folder is listed; no file is opened.

    Returns:
        None where it has no local files; those behind addresses do not count.
    """
    files, total, digest = 0, 0, hashlib.sha256()
    config = getattr(config, "audio", config)
    indexes = list(_indexes(config))
    places = [] if indexes else list(_places(config))
    for index in indexes:
        manifest = complete_manifest(index)
        files, total = files + manifest.rows, total + manifest.bytes
        digest.update("".join(part.digest for part in manifest.parts).encode())
    for place in places:
        root, names = _files(place)
        for name in names:
            try:
                size = (root / name).stat().st_size
            except OSError:
                continue  # Told when it is read.
            files, total = files + 1, total + size
            digest.update(f"{name}\0{size}\n".encode("utf-8", "surrogateescape"))
    return Fingerprint(files, total, digest.hexdigest()) if places or indexes else None


def _places(config: Any) -> Iterator[Path]:
    for entry in (config, *(getattr(config, "datasets", None) or ())):
        path = getattr(entry, "path", None)
        if path is not None and address_of(path) is None:
            yield Path(path).expanduser()


def _indexes(config: Any) -> Iterator[Path]:
    for entry in (config, *(getattr(config, "datasets", None) or ())):
        index = getattr(entry, "index", None)
        if index is not None:
            yield Path(index)


def _files(place: Path) -> tuple[Path, list[str]]:
    if place.is_file():
        return place.parent, [place.name]
    return place, find_files(place, Selection(CONTENT)).names if place.is_dir() else []
