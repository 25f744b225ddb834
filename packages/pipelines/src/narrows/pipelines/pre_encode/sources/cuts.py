"""Cuts of Lhotse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np

from narrows.configs import LhotseDatasetConfig, LhotseEntry
from narrows.data import AudioInfo
from narrows.data.cuts.cut import Cut
from narrows.data.cuts.manifest import Manifest, read_manifest
from narrows.data.datasets.lhotse import cut_reader, entries_of
from narrows.data.drawing import GIVEN_CHANNELS
from narrows.data.faults import Fault
from narrows.pipelines.pre_encode.clips import Clip, Shard, shards
from narrows.pipelines.pre_encode.sources.base import (
    OpenShard,
    Sounds,
    Source,
    UserCode,
    Wanted,
    build_source,
    file_sha256,
    steady_clips,
)


class Cuts:
    """The cuts of `lhotse`."""

    def __init__(self, config: LhotseDatasetConfig, allow_code: bool) -> None:
        self.config = config
        self._entries = entries_of(config)
        self.code = UserCode({entry.id: entry.custom_metadata_module for entry in self._entries}, allow_code)
        self._manifests: dict[tuple[str, str], Manifest] = {}
        self._lock = Lock()
        self._file_sha256 = lru_cache(1024)(file_sha256)

    def find(self, limit: int | None) -> Iterator[Clip]:
        """All cuts that can be read, in the order of their lines."""
        number = 0
        for entry in self._entries:
            manifest = self._manifest(entry)
            for cut in manifest:
                if number == limit:
                    return
                yield Clip(number, entry.id, entry.path, cut.id)
                number += 1

    def shards(self, clips: list[Clip], size: int) -> list[Shard]:
        """So many cuts each."""
        return shards(clips, size)

    def open(self, shard: Shard) -> OpenShard:
        """The cuts of a shard."""
        sounds, faults = [], []
        for clip in shard.clips:
            cut = self._manifest(self.entry(clip)).named(clip.name)
            if cut is None:
                faults.append(Fault(f"{clip.root}: {clip.name}", "is no longer there"))
            else:
                sounds.append(CutSound(clip.key, clip.dataset, cut.id, self, clip, cut))
        return OpenShard(sounds, faults, lambda: None)

    def sizes(self, clips: Sequence[Clip]) -> list[float]:
        """Seconds of each cut."""
        cuts = (self._manifest(self.entry(clip)).named(clip.name) for clip in clips)
        return [0.0 if cut is None else cut.duration for cut in cuts]

    def entry(self, clip: Clip) -> LhotseEntry:
        """The entry that a cut is of."""
        return next(entry for entry in self._entries if (entry.id, entry.path) == (clip.dataset, clip.root))

    def sha256(self, cut: Cut) -> str:
        """Of the files of a cut and the stretch of them; the cuts of a long recording read it once for this."""
        stretch = f"{cut.start} {cut.duration} {cut.channels}"
        files = [self._file_sha256(source.path) for source in cut.sources]
        return hashlib.sha256(" ".join([*files, stretch]).encode()).hexdigest()

    def _manifest(self, entry: LhotseEntry) -> Manifest:
        key = entry.id, entry.path
        with self._lock:
            if key not in self._manifests:
                self._manifests[key] = read_manifest(entry)
        return self._manifests[key]


@dataclass(frozen=True)
class CutSound:
    """A cut of a recording."""

    key: str
    dataset: str
    """Id of its manifest."""
    name: str
    """Its id."""
    cuts: Cuts
    clip: Clip
    cut: Cut

    def header(self) -> AudioInfo:
        """What is known of it without decoding."""
        with self.cut.open() as decoder:
            return decoder.info

    def load(self, wanted: Wanted, channels: int, seed: int) -> Sounds:
        """Read and decode it."""
        cuts = self.cuts
        entry = cuts.entry(self.clip).model_copy(update={"custom_metadata_module": None})
        read = cut_reader(cuts.config, entry, steady_clips(cuts.config, wanted, channels))
        audio, info = read(self.cut, np.random.default_rng(seed))
        info.pop(GIVEN_CHANNELS, None)
        return Sounds(audio, cuts.code(self.dataset, info, audio), cuts.sha256(self.cut))


@build_source.register
def _(config: LhotseDatasetConfig, allow_code: bool) -> Source:
    return Cuts(config, allow_code)
