"""Which clips there are, and which of them belong together: what all processes agree on before they begin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from narrows.configs.files import sweep, write_once
from narrows.data.errors import DataError


class Clip(NamedTuple):
    """A file of the data set: audio, or an archive of audio."""

    number: int
    """Its place in the data set."""
    dataset: str
    root: str
    name: str
    """Path relative to the root, or the address of an archive."""
    samples: int | None = None
    """How many samples of an archive to take; None takes all."""

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.root) / self.name


class Shard(NamedTuple):
    """What is written together, whole or not at all."""

    number: int
    clips: tuple[Clip, ...]

    @property
    def stem(self) -> str:
        """Name of its files."""
        return f"shard-{self.number:06d}"


def agreed_clips(folder: Path, find: Callable[[], Iterable[Clip]]) -> list[Clip]:
    """The clips that all processes, now and after a restart, agree on.

    The first process to get there writes the list; files that come later are not part of it.

    Args:
        folder: of the run.
        find: searches the data set, in an order that does not change.

    Raises:
        DataError: there are none.
    """
    path = folder / "clips.jsonl"
    if not path.exists():
        clips = list(find())
        if not clips:
            raise DataError("The data set has no audio file that fits its options")
        write_once(path, "".join(json.dumps(clip) + "\n" for clip in clips))
    sweep(path)
    return [Clip(*json.loads(line)) for line in path.read_text(encoding="ascii").splitlines()]


def shards(clips: list[Clip], size: int) -> list[Shard]:
    """The clips in groups of `size`, in their order."""
    starts = range(0, len(clips), size)
    return [Shard(number, tuple(clips[start : start + size])) for number, start in enumerate(starts)]
