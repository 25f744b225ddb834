"""The index of a folder: which files there are, and what their headers say.

Held by columns, so that a million files cost some tens of bytes each and workers share the memory. It is kept between
runs: only files whose size or time of change differ are opened again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from narrows.audio.files import open_audio
from narrows.audio.formats.damage import damage
from narrows.audio.formats.decoder import AudioInfo
from narrows.audio.formats.messages import name_once
from narrows.data.cache import cache_file, load_arrays, save_arrays
from narrows.data.errors import AudioFileError
from narrows.data.scan import Selection, find_files

log = logging.getLogger("narrows.data")

THREADS = 8
"""Headers are read by threads: the decoder releases the interpreter lock, and network drives answer slowly."""
CHECK_FILES = 50_000
"""Up to so many files each is asked for its time of change at every start; in larger sets only the folders are, and
a file that was overwritten in place is noticed when it is read."""

OnBad = Callable[[str, str], object]
Ints = NDArray[np.int64]


class Texts(Sequence[str]):
    """Many texts in one buffer."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        encoded = [os.fsencode(text) for text in texts]
        self.ends: Ints = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        self.buffer = b"".join(encoded)

    @classmethod
    def of(cls, buffer: bytes, ends: Ints) -> Texts:
        """Texts from their parts."""
        texts = cls()
        texts.buffer, texts.ends = buffer, ends
        return texts

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204  overloads say nothing here
        if not 0 <= index < len(self.ends):
            raise IndexError(index)
        start = int(self.ends[index - 1]) if index else 0
        return os.fsdecode(self.buffer[start : int(self.ends[index])])


class AudioFiles(Protocol):
    """Files of one folder, by number."""

    @property
    def root(self) -> Path:
        """The folder."""
        ...

    @property
    def names(self) -> SupportsItems:
        """Paths relative to the root, with `/`."""
        ...

    def __len__(self) -> int: ...

    def path(self, item: int) -> str:
        """Path of a file."""
        ...


class SupportsItems(Protocol):
    """Texts by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, item: int, /) -> str: ...


@dataclass(frozen=True)
class Headers:
    """Files of one folder with what their headers say, in the order of their names."""

    root: Path
    names: Texts
    """Paths relative to the root, with `/`."""
    frames: Ints
    """0 for a file that cannot be read."""
    sample_rates: Ints
    channels: Ints

    def __len__(self) -> int:
        return len(self.names)

    def path(self, item: int) -> str:
        """Path of a file."""
        return os.path.join(self.root, self.names[item])  # noqa: PTH118  the text is what is needed

    @property
    def columns(self) -> Ints:
        """What the headers say, `(N, 3)`."""
        return np.stack([self.frames, self.sample_rates, self.channels], 1)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Length of every file in seconds."""
        return self.frames / np.maximum(self.sample_rates, 1)

    def select(self, keep: NDArray[np.bool_]) -> Headers:
        """Only some of the files."""
        if keep.all():
            return self
        names = Texts(self.names[i] for i in np.flatnonzero(keep))
        return Headers(self.root, names, self.frames[keep], self.sample_rates[keep], self.channels[keep])


@dataclass(frozen=True)
class Stored:
    """An index with what is needed to tell whether it still holds."""

    headers: Headers
    stamps: Ints
    """Size and time of change of every file, `(N, 2)`."""
    reasons: Texts
    """Why a file cannot be read, or what is wrong with one that can; empty for good ones."""
    folders: Texts
    folder_times: Ints

    @property
    def has_reason(self) -> NDArray[np.bool_]:
        """Which files have one, `(N,)`."""
        return np.diff(self.reasons.ends, prepend=0) > 0

    def holds(self) -> bool:
        """Whether no folder has got or lost a file since."""
        return all(
            file_stamp(os.path.join(self.headers.root, folder))[1] == time  # noqa: PTH118
            for folder, time in zip(self.folders, self.folder_times.tolist(), strict=True)
        )

    def save(self, path: Path) -> None:
        """Keep it for the next run."""
        headers = self.headers
        arrays: dict[str, NDArray[Any]] = {
            "frames": headers.frames,
            "rates": headers.sample_rates,
            "channels": headers.channels,
        }
        for name, texts in (("names", headers.names), ("reasons", self.reasons), ("folders", self.folders)):
            arrays[f"{name}_ends"] = texts.ends
            arrays[name] = np.frombuffer(texts.buffer, np.uint8)
        save_arrays(path, {**arrays, "stamps": self.stamps, "folder_times": self.folder_times})

    @classmethod
    def load(cls, path: Path, root: Path) -> Stored | None:
        """What an earlier run kept, or None."""
        arrays = load_arrays(path)
        if arrays is None:
            return None
        texts = {n: Texts.of(arrays[n].tobytes(), arrays[f"{n}_ends"]) for n in ("names", "reasons", "folders")}
        headers = Headers(root, texts["names"], arrays["frames"], arrays["rates"], arrays["channels"])
        return cls(headers, arrays["stamps"], texts["reasons"], texts["folders"], arrays["folder_times"])


def index_folder(root: Path, selection: Selection, on_bad: OnBad, *, cached: bool = True) -> Headers:
    """The files of a folder with their headers; bad files are reported and left out.

    Args:
        root: the folder.
        selection: which of its files to take.
        on_bad: told path and reason of every file or folder that cannot be read.
        cached: use what earlier runs kept, and keep it.
    """
    place = cache_file("headers", os.path.realpath(root), selection)
    stored = Stored.load(place, root) if cached else None
    if stored is None or len(stored.headers) <= CHECK_FILES or not stored.holds():
        fresh = _index(root, selection, on_bad, stored)
        if cached and not _same(fresh, stored):
            fresh.save(place)
        stored = fresh
    for item in np.flatnonzero(stored.has_reason).tolist():
        path, reason = stored.headers.path(item), stored.reasons[item]
        if stored.headers.frames[item]:
            name_once(path, reason)
        else:
            on_bad(path, reason)
    return stored.headers.select(stored.headers.frames > 0)


def _index(root: Path, selection: Selection, on_bad: OnBad, stored: Stored | None) -> Stored:
    """List the folder, and open the files that `stored` does not know as they are."""
    listing = find_files(root, selection, on_bad)
    stamps = np.array([file_stamp(f"{root}/{name}") for name in listing.names], np.int64).reshape(-1, 2)
    columns = np.zeros((len(stamps), 3), np.int64)
    reasons = [""] * len(stamps)
    known = np.zeros(len(stamps), np.bool_)
    if stored is not None and len(stored.headers):
        rows = {name: row for row, name in enumerate(stored.headers.names)}
        old = np.array([rows.get(name, -1) for name in listing.names], np.int64)
        known = (old >= 0) & (stored.stamps[old] == stamps).all(1)
        columns[known] = stored.headers.columns[old[known]]
        for item in np.flatnonzero(known & stored.has_reason[old]).tolist():
            reasons[item] = stored.reasons[int(old[item])]
    unknown = np.flatnonzero(~known).tolist()
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(read_header, (f"{root}/{listing.names[item]}" for item in unknown))
        for item, (header, reasons[item]) in zip(unknown, found, strict=True):
            if header is not None:
                columns[item] = header[:3]
    headers = Headers(root, Texts(listing.names), columns[:, 0], columns[:, 1], columns[:, 2])
    times = np.array(list(listing.folders.values()), np.int64)
    return Stored(headers, stamps, Texts(reasons), Texts(listing.folders), times)


def read_header(path: str) -> tuple[AudioInfo | None, str]:
    """What a header says; and why the file cannot be read, or what is wrong with it all the same."""
    try:
        with open_audio(path) as decoder:
            return decoder.info, decoder.remark or damage(path) or ""
    except AudioFileError as error:
        return None, error.reason


def file_stamp(path: str) -> tuple[int, int]:
    """Size and time of change; zeros for what is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116  a million times
    except (OSError, ValueError):
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _same(fresh: Stored, stored: Stored | None) -> bool:
    return (
        stored is not None
        and np.array_equal(fresh.stamps, stored.stamps)
        and np.array_equal(fresh.folder_times, stored.folder_times)
        and fresh.headers.names.buffer == stored.headers.names.buffer
    )
