"""Parquet files with sounds in a column: each row group becomes a shard of its own, read once and by one process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock
from typing import NamedTuple

import numpy as np

from narrows.audio.files import open_audio
from narrows.configs import ParquetDatasetConfig, ParquetEntry
from narrows.data import AudioInfo
from narrows.data.datasets.parquet import entries_of, find_rows, row_decoder
from narrows.data.drawing import GIVEN_CHANNELS
from narrows.data.faults import Fault
from narrows.data.parquet_audio.files import Contents, RowFile
from narrows.data.parquet_audio.rows import Rows
from narrows.pipelines.pre_encode.clips import Clip, Shard
from narrows.pipelines.pre_encode.sources.base import (
    OpenShard,
    Sounds,
    Source,
    UserCode,
    Wanted,
    build_source,
    steady_clips,
)

GROUP = "#row_group="


class _Held(NamedTuple):
    """A file of an entry."""

    entry: ParquetEntry
    file: RowFile
    contents: Contents


class ParquetRows:
    """The rows of `parquet`."""

    def __init__(self, config: ParquetDatasetConfig, allow_code: bool) -> None:
        self.config = config
        entries = entries_of(config)
        self.code = UserCode({entry.id: entry.custom_metadata_module for entry in entries}, allow_code)
        self._entries = {entry.id: entry for entry in entries}
        self._found: dict[tuple[str, str], _Held] = {}
        self._lock = Lock()

    def find(self, limit: int | None) -> Iterator[Clip]:
        """All row groups; with a limit, those that hold so many rows."""
        number, left = 0, limit
        for (dataset, name), held in self._files().items():
            for group, rows in enumerate(held.contents.rows):
                if not rows or left == 0:
                    continue
                taken = rows if left is None else min(rows, left)
                left = None if left is None else left - taken
                yield Clip(number, dataset, "", f"{name}{GROUP}{group}", taken)
                number += 1

    def shards(self, clips: list[Clip], size: int) -> list[Shard]:
        """Each row group becomes one, whatever the size asked for."""
        return [Shard(clip.number, (clip,)) for clip in clips]

    def open(self, shard: Shard) -> OpenShard:
        """The rows of a row group."""
        (clip,) = shard.clips
        name, _, group = clip.name.rpartition(GROUP)
        held = self._files().get((clip.dataset, name))
        if held is None or int(group) >= len(held.contents.rows):
            return OpenShard([], [Fault(clip.name, "is no longer there")], lambda: None)
        rows = Rows([held.file], [held.contents], keep=1)
        first, size = sum(held.contents.rows[: int(group)]), held.contents.rows[int(group)]
        count = size if clip.samples is None else min(size, clip.samples)
        name = clip.name.rpartition(GROUP)[0]
        sounds = [
            RowSound(clip.key_of(n), clip.dataset, f"{name}#{first + n}", self, rows, first + n) for n in range(count)
        ]
        return OpenShard(sounds, [], lambda: None)

    def sizes(self, clips: Sequence[Clip]) -> list[float]:
        """Rows of each group."""
        return [float(clip.samples or 0) for clip in clips]

    def entry(self, dataset: str) -> ParquetEntry:
        """An entry, by its id."""
        return self._entries[dataset]

    def _files(self) -> dict[tuple[str, str], _Held]:
        with self._lock:
            if not self._found:
                self._found = {
                    (one.entry.id, file.name): _Held(one.entry, file, held)
                    for one in find_rows(self.config)
                    for file, held in zip(one.files, one.contents, strict=True)
                }
        return self._found


@dataclass(frozen=True)
class RowSound:
    """A row of a Parquet file."""

    key: str
    dataset: str
    """Id of its data set."""
    name: str
    """Its file, and its number there."""
    source: ParquetRows
    rows: Rows
    item: int
    """Its number in its file."""

    def header(self) -> AudioInfo:
        """What its header says."""
        row = self.rows.row(self.item)
        with open_audio(f"{row.name}/{PurePosixPath(row.relative).name}", row.audio) as decoder:
            return decoder.info

    def load(self, wanted: Wanted, channels: int, seed: int) -> Sounds:
        """Read and decode it."""
        source, row = self.source, self.rows.row(self.item)
        entry = source.entry(self.dataset).model_copy(update={"custom_metadata_module": None})
        decode = row_decoder(source.config, entry, steady_clips(source.config, wanted, channels))
        audio, info = decode(row, np.random.default_rng(seed))
        info.pop(GIVEN_CHANNELS, None)
        return Sounds(audio, source.code(self.dataset, info, audio), hashlib.sha256(row.audio).hexdigest())


@build_source.register
def _(config: ParquetDatasetConfig, allow_code: bool) -> Source:
    return ParquetRows(config, allow_code)
