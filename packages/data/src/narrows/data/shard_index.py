"""The samples of many shards by columns, kept between runs: a shard is searched again only when it changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from narrows.data.cache import cache_file, load_arrays, save_arrays
from narrows.data.errors import AudioFileError
from narrows.data.index import Texts
from narrows.data.shards import Part, index_shard

NOTHING = Part(0, 0)


@dataclass(frozen=True)
class ShardSamples:
    """The samples of one shard that hold an array."""

    keys: Texts
    places: NDArray[np.int64]
    """Offset and size of the array, and of its .json (size 0: there is none), `(N, 4)`."""


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
        self._starts = np.cumsum([0, *(len(shard.keys) for shard in self._shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

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
    cache = cache_file("shards", os.path.realpath(path), ending)
    kept = load_arrays(cache)
    if kept is not None and np.array_equal(kept.get("stamp", stamp[:0]), stamp):
        return ShardSamples(Texts.of(kept["keys"].tobytes(), kept["ends"]), kept["places"])
    found = [sample for sample in index_shard(path) if ending in sample.parts]
    keys = Texts(sample.key for sample in found)
    rows = [(*sample.parts[ending], *sample.parts.get("json", NOTHING)) for sample in found]
    places = np.array(rows, np.int64).reshape(-1, 4)
    buffer = np.frombuffer(keys.buffer, np.uint8)
    save_arrays(cache, {"stamp": stamp, "keys": buffer, "ends": keys.ends, "places": places})
    return ShardSamples(keys, places)
