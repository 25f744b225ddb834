"""What every decoder offers."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class AudioInfo(NamedTuple):
    """What a file's header says, as its decoder sees it."""

    frames: int
    sample_rate: int
    channels: int
    format: str
    """Container and encoding in libsndfile's names, e.g. `FLAC/PCM_16`."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


class Decoder(Protocol):
    """An open file."""

    info: AudioInfo
    remark: str | None
    """What is wrong with a file that decodes all the same; None when nothing is."""

    @property
    def open_ended(self) -> bool:
        """Whether the file ends where decoding ends, whatever its header says."""
        ...

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Frames from `start`, `(T, C)`; fewer at the end of the file."""
        ...

    def tags(self) -> dict[str, str]:
        """Tags inside the file."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
