"""The samples of many shards by columns, kept between runs: a shard is searched again only when it changed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from narrows.data.cache import cache_file, load_arrays, save_arrays
from narrows.data.errors import AudioFileError, shown
from narrows.data.index import Texts
from narrows.data.samples import leftovers_text
from narrows.data.shards import Part, index_shard

log = logging.getLogger("narrows.data")

NOTHING = Part(0, 0)


@dataclass(frozen=True)
class ShardSamples:
    """The samples of one shard that hold an array."""

    keys: Texts
    places: NDArray[np.int64]
    """Offset and size of the array, and of its .json (size 0: there is none), `(N, 4)`."""
    left_over: Texts
    """Members that are no part of any of these samples."""


class ShardIndex:
    """Where every sample of a folder of shards lies.

    Args:
        root: the folder.
        names: its shards, relative to it.
        ending: ending of the arrays.
        on_bad: told path and reason of every shard that cannot be read.
    """

    def __init__(self, root: Path, names: Sequence[str], ending: str, on_bad: Callable[[str, str], object]) -> None:
        self.root, self.ending = root, ending
        self._names, self._shards = [], []
        for name in names:
            try:
                samples = _samples(root / name, ending)
            except AudioFileError as error:
                on_bad(error.path, error.reason)
                continue
            self._names.append(name)
            self._shards.append(samples)
        self._tell_left_over()
        self._starts = np.cumsum([0, *(len(shard.keys) for shard in self._shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def _tell_left_over(self) -> None:
        """Say once what the samples leave out of the shards."""
        total = sum(len(shard.left_over) for shard in self._shards)
        if total:
            name, left = next((n, s.left_over) for n, s in zip(self._names, self._shards, strict=True) if s.left_over)
            few = [f"{name}/{left[i]}" for i in range(min(3, len(left)))]
            log.warning("%s: %s", shown(self.root), leftovers_text(few, total))

    def find(self, row: int) -> tuple[str, str, Part, Part]:
        """Shard, key, array and .json of a sample."""
        number = int(np.searchsorted(self._starts, row, "right")) - 1
        shard, at = self._shards[number], row - int(self._starts[number])
        offset, size, json_offset, json_size = shard.places[at].tolist()
        return self._names[number], shard.keys[at], Part(offset, size), Part(json_offset, json_size)


def _samples(path: Path, ending: str) -> ShardSamples:
    """The samples of a shard, from the cache when it is as it was."""
    try:
        status = path.stat()
    except OSError as error:
        raise AudioFileError(path, error.strerror or "is not there") from error
    stamp = np.array([status.st_size, status.st_mtime_ns])
    cache = cache_file("shards and what they leave out", os.path.realpath(path), ending)
    kept = load_arrays(cache)
    if kept is not None and np.array_equal(kept.get("stamp", stamp[:0]), stamp):
        keys, left = (Texts.of(kept[name].tobytes(), kept[f"{name}_ends"]) for name in ("keys", "left"))
        return ShardSamples(keys, kept["places"], left)
    unread: list[str] = []
    every = index_shard(path, unread.append)
    found = [sample for sample in every if ending in sample.parts]
    unread += [f"{sample.key}.{next(iter(sample.parts))}" for sample in every if ending not in sample.parts]
    left = Texts(unread)
    keys = Texts(sample.key for sample in found)
    rows = [(*sample.parts[ending], *sample.parts.get("json", NOTHING)) for sample in found]
    places = np.array(rows, np.int64).reshape(-1, 4)
    texts = {"keys": keys, "left": left}
    buffers = {name: np.frombuffer(text.buffer, np.uint8) for name, text in texts.items()}
    ends = {f"{name}_ends": text.ends for name, text in texts.items()}
    save_arrays(cache, {"stamp": stamp, "places": places, **buffers, **ends})
    return ShardSamples(keys, places, left)
