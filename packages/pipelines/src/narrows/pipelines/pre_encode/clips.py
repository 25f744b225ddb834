"""Which clips there are, and which of them belong together: what all processes agree on before they begin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
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

    @property
    def key(self) -> str:
        """Name of its sample in a shard."""
        return f"{self.number:09d}"

    def key_of(self, number: int) -> str:
        """Name in a shard of a sample that it holds, by the number there."""
        return f"{self.number:06d}-{number:06d}"

    @property
    def place(self) -> tuple[str, str]:
        """What tells it from all others of the data set."""
        return self.dataset, self.name


class Shard(NamedTuple):
    """What is written together, whole or not at all."""

    number: int
    clips: tuple[Clip, ...]

    @property
    def stem(self) -> str:
        """Name of its files."""
        return f"shard-{self.number:06d}"


def agreed_clips(folder: Path, find: Callable[[], Iterable[Clip]], append: bool = False) -> list[list[Clip]]:
    """The clips that all processes, now and after a restart, agree on: the first ones, and those of each appending.

    The first process to get there writes the list; files that come later are part of it after an appending only.

    Args:
        folder: of the run.
        find: searches the data set, in an order that does not change.
        append: take clips that are in no list yet.

    Raises:
        DataError: there are none.
    """
    lists = [_read(path) for path in _lists(folder)]
    if not lists:
        clips = list(find())
        if not clips:
            raise DataError("The data set has no audio file that fits its options")
        lists = [_agreed(folder, 0, clips)]
    elif append:
        known = {clip.place for clips in lists for clip in clips}
        first = sum(map(len, lists))
        new = [clip for clip in find() if clip.place not in known]
        if new:
            lists.append(_agreed(folder, len(lists), [c._replace(number=first + n) for n, c in enumerate(new)]))
    return lists


def _lists(folder: Path) -> list[Path]:
    first = folder / "clips.jsonl"
    return [first, *sorted(folder.glob("clips-[0-9][0-9][0-9][0-9].jsonl"))] if first.exists() else []


def _agreed(folder: Path, number: int, clips: Sequence[Clip]) -> list[Clip]:
    """Write a list, unless another process has."""
    path = folder / (f"clips-{number:04d}.jsonl" if number else "clips.jsonl")
    write_once(path, "".join(json.dumps(clip) + "\n" for clip in clips))
    sweep(path)
    return _read(path)


def _read(path: Path) -> list[Clip]:
    return [Clip(*json.loads(line)) for line in path.read_text(encoding="ascii").splitlines()]


def joined_shards(lists: Sequence[list[Clip]], group: Callable[[list[Clip]], list[Shard]]) -> list[Shard]:
    """The shards of all lists, numbered in one row: those of an appending come behind the others."""
    joined: list[Shard] = []
    for clips in lists:
        joined += [shard._replace(number=len(joined) + n) for n, shard in enumerate(group(clips))]
    return joined


def shards(clips: list[Clip], size: int) -> list[Shard]:
    """The clips in groups of `size`, in their order."""
    starts = range(0, len(clips), size)
    return [Shard(number, tuple(clips[start : start + size])) for number, start in enumerate(starts)]
