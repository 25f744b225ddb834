"""Cuts of Lhotse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np

from narrows.configs import LhotseDatasetConfig, LhotseEntry
from narrows.data import AudioFileError, AudioInfo
from narrows.data.cuts.cut import Cut
from narrows.data.cuts.manifest import Manifest, read_manifest
from narrows.data.datasets.lhotse import cut_reader, entries_of
from narrows.data.drawing import GIVEN_CHANNELS
from narrows.data.errors import system_reason
from narrows.data.faults import Fault
from narrows.pipelines.pre_encode.clips import Clip, Shard, shards
from narrows.pipelines.pre_encode.sources.base import (
    OpenShard,
    Sounds,
    Source,
    UserCode,
    Wanted,
    build_source,
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
                sounds.append(CutSound(self, clip, cut))
        return OpenShard(sounds, faults, lambda: None)

    def entry(self, clip: Clip) -> LhotseEntry:
        """The entry that a cut is of."""
        return next(entry for entry in self._entries if (entry.id, entry.path) == (clip.dataset, clip.root))

    def _manifest(self, entry: LhotseEntry) -> Manifest:
        key = entry.id, entry.path
        with self._lock:
            if key not in self._manifests:
                self._manifests[key] = read_manifest(entry)
        return self._manifests[key]


@dataclass(frozen=True)
class CutSound:
    """A cut of a recording."""

    cuts: Cuts
    clip: Clip
    cut: Cut

    @property
    def key(self) -> str:
        """Its number."""
        return f"{self.clip.number:09d}"

    @property
    def dataset(self) -> str:
        """Id of its manifest."""
        return self.clip.dataset

    @property
    def name(self) -> str:
        """Its id."""
        return self.cut.id

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
        return Sounds(audio, cuts.code(self.dataset, info, audio), _sha256(self.cut))


def _sha256(cut: Cut) -> str:
    """Of its files and the stretch of them."""
    stretch = f"{cut.start} {cut.duration} {cut.channels}"
    return hashlib.sha256(" ".join([*(_file_sha256(s.path) for s in cut.sources), stretch]).encode()).hexdigest()


@lru_cache(1024)
def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioFileError(path, system_reason(error)) from error


@build_source.register
def _(config: LhotseDatasetConfig, allow_code: bool) -> Source:
    return Cuts(config, allow_code)
