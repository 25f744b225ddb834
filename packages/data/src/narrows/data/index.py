"""The index of a folder: which files there are, and what their headers say.

Held by columns, so that a million files cost some tens of bytes each and workers share the memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from narrows.data.audio.files import AudioInfo, audio_info
from narrows.data.errors import AudioFileError

THREADS = 8
"""Headers are read by threads: the decoder releases the interpreter lock, and network drives answer slowly."""


class Texts(Sequence[str]):
    """Many texts in one buffer."""

    def __init__(self, texts: Iterable[str]) -> None:
        encoded = [os.fsencode(text) for text in texts]
        self._ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        self._buffer = b"".join(encoded)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204  overloads say nothing here
        start = int(self._ends[index - 1]) if index else 0
        return os.fsdecode(self._buffer[start : int(self._ends[index])])


@dataclass(frozen=True)
class Headers:
    """Files of one folder with what their headers say, in the order of their names."""

    root: Path
    names: Texts
    """Paths relative to the root, with `/`."""
    frames: NDArray[np.int64]
    sample_rates: NDArray[np.int64]
    channels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def path(self, item: int) -> str:
        """Path of a file."""
        return os.path.join(self.root, self.names[item])  # noqa: PTH118  the text is what is needed

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Length of every file in seconds."""
        return self.frames / self.sample_rates

    def select(self, keep: NDArray[np.bool_]) -> Headers:
        """Only some of the files."""
        if keep.all():
            return self
        names = Texts(self.names[i] for i in np.flatnonzero(keep))
        return Headers(self.root, names, self.frames[keep], self.sample_rates[keep], self.channels[keep])


def read_headers(root: Path, names: Sequence[str], on_bad: Callable[[str, str], None]) -> Headers:
    """Read the header of every file; bad ones are reported and left out."""

    def header(name: str) -> AudioInfo | AudioFileError:
        try:
            return audio_info(root / name)
        except AudioFileError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(header, names))
    good = [(name, info) for name, info in zip(names, found, strict=True) if isinstance(info, AudioInfo)]
    for problem in found:
        if isinstance(problem, AudioFileError):
            on_bad(problem.path, problem.reason)
    columns = np.array([info[:3] for _, info in good], np.int64).reshape(-1, 3)
    return Headers(root, Texts(name for name, _ in good), columns[:, 0], columns[:, 1], columns[:, 2])
