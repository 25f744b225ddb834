"""Which clips there are, and which of them belong together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import singledispatch
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from narrows.configs import AudioDirDatasetConfig, AudioDirEntry
from narrows.data.datasets.audio_dir import split_files
from narrows.data.errors import DataError, existing_folder
from narrows.data.index import Headers, Texts
from narrows.data.scan import Selection, find_files
from narrows.training.pre_encode.agreement import publish, sweep


class Clip(NamedTuple):
    """A file to encode."""

    number: int
    """Its place in the data set."""
    dataset: str
    root: str
    name: str
    """Path relative to the root."""

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.root) / self.name


class Shard(NamedTuple):
    """Clips that are written together, whole or not at all."""

    number: int
    clips: tuple[Clip, ...]

    @property
    def stem(self) -> str:
        """Name of its files."""
        return f"shard-{self.number:06d}"


@singledispatch
def find_clips(config: Any) -> Iterator[Clip]:
    """The files of a data set, in an order that does not change; each type of data set registers its own.

    Raises:
        DataError: the data set cannot be used.
    """
    raise DataError(f"Data sets of the type {config.dataset_type!r} cannot be pre-encoded; use audio_dir")


@find_clips.register
def _(config: AudioDirDatasetConfig) -> Iterator[Clip]:
    number = 0
    for entry in config.datasets or [AudioDirEntry(id="audio", path=config.path or "")]:
        root = existing_folder(entry.path, f"Data set {entry.id!r}")
        selection = Selection(tuple(config.extensions), tuple(entry.keywords), entry.file_list)
        names = find_files(root, selection).names
        # A split goes by names alone, so headers need not be read for it.
        nothing = np.zeros(len(names), np.int64)
        headers = Headers(root, Texts(names), nothing, nothing, nothing)
        names = list(split_files(headers, config.split, config.held_out_share).names)
        for name in names:
            yield Clip(number, entry.id, str(root), name)
            number += 1


def agreed_clips(folder: Path, config: Any, limit: int | None) -> list[Clip]:
    """The clips that all processes, now and after a restart, agree on.

    The first process to get there writes the list; files that come later are not part of it.

    Raises:
        DataError: there are none.
    """
    path = folder / "clips.jsonl"
    if not path.exists():
        clips = [clip for clip in find_clips(config) if limit is None or clip.number < limit]
        if not clips:
            raise DataError("The data set has no audio file that fits its options")
        publish(path, "".join(json.dumps(clip) + "\n" for clip in clips))
    sweep(path)
    return [Clip(*json.loads(line)) for line in path.read_text(encoding="ascii").splitlines()]


def shards(clips: list[Clip], size: int) -> list[Shard]:
    """The clips in groups of `size`, in their order."""
    starts = range(0, len(clips), size)
    return [Shard(number, tuple(clips[start : start + size])) for number, start in enumerate(starts)]
