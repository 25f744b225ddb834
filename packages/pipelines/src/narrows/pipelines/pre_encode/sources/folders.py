"""Folders of audio files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narrows.configs import AudioDirDatasetConfig, AudioDirEntry
from narrows.data import AudioFileError, AudioInfo, audio_info
from narrows.data.audio_folder import AudioFolder
from narrows.data.datasets.audio_dir import split_files
from narrows.data.datasets.indexed_audio import indexed_files
from narrows.data.errors import existing_folder, folder_of, system_reason
from narrows.data.index import Headers, Texts
from narrows.data.metadata import MetadataReader
from narrows.data.scan import Selection, find_files
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


class Folders:
    """The files of `audio_dir`."""

    def __init__(self, config: AudioDirDatasetConfig, allow_code: bool) -> None:
        self.config = config
        self._entries = config.datasets or [AudioDirEntry(id="audio", path=config.path or "", index=config.index)]
        self.code = UserCode({entry.id: entry.custom_metadata_module for entry in self._entries}, allow_code)
        self._metadata: dict[str, MetadataReader] = {}

    def find(self, limit: int | None) -> Iterator[Clip]:
        """All files that the options take; metadata that a field requires are looked for in all of them."""
        number = 0
        for entry in self._entries:
            root, names = self._names(entry)
            names = names if limit is None else names[: limit - number]
            metadata = self.metadata(str(root))
            if metadata is not None:
                metadata.check(names)
            for name in names:
                yield Clip(number, entry.id, str(root), name)
                number += 1

    def _names(self, entry: AudioDirEntry) -> tuple[Path, list[str]]:
        """A folder, and the paths of its files that the options take."""
        if entry.index is not None:
            files = indexed_files(entry, self.config)
            return files.root, [files.name(row) for row in range(len(files))]
        root, file = folder_of(entry.path, f"Data set {entry.id!r}")
        selection = Selection(tuple(self.config.extensions), tuple(entry.keywords), entry.file_list, file)
        # A split goes by names alone, so headers need not be read for it.
        headers = _headers(str(root), find_files(root, selection).names)
        return root, list(split_files(headers, self.config.split, self.config.held_out_share).names)

    def shards(self, clips: list[Clip], size: int) -> list[Shard]:
        """So many files each."""
        return shards(clips, size)

    def open(self, shard: Shard) -> OpenShard:
        """The files of a shard."""
        return OpenShard([FileSound(self, clip) for clip in shard.clips], [], lambda: None)

    def metadata(self, root: str) -> MetadataReader | None:
        """What reads the metadata of a folder's files."""
        options = self.config.metadata
        if options is None:
            return None
        if root not in self._metadata:
            self._metadata[root] = MetadataReader(options, existing_folder(root, "Data set"))
        return self._metadata[root]


@dataclass(frozen=True)
class FileSound:
    """A file of a folder."""

    folders: Folders
    clip: Clip

    @property
    def key(self) -> str:
        """Its number."""
        return f"{self.clip.number:09d}"

    @property
    def dataset(self) -> str:
        """Id of its folder."""
        return self.clip.dataset

    @property
    def name(self) -> str:
        """Its path below the folder."""
        return self.clip.name

    def header(self) -> AudioInfo:
        """What its header says."""
        return audio_info(self.clip.path)

    def load(self, wanted: Wanted, channels: int, seed: int) -> Sounds:
        """Read and decode it."""
        folders, clip = self.folders, self.clip
        options = steady_clips(folders.config, wanted, channels)
        folder = AudioFolder(clip.dataset, _headers(clip.root, [clip.name]), options, folders.metadata(clip.root))
        audio, info = folder.load(0, np.random.default_rng(seed))
        try:
            with clip.path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise AudioFileError(clip.path, system_reason(error)) from error
        return Sounds(audio, folders.code(clip.dataset, info, audio), sha256)


def _headers(root: str, names: list[str]) -> Headers:
    """Files whose headers have not been read."""
    nothing = np.zeros(len(names), np.int64)
    return Headers(existing_folder(root, "Data set"), Texts(names), nothing, nothing, nothing)


@build_source.register
def _(config: AudioDirDatasetConfig, allow_code: bool) -> Source:
    return Folders(config, allow_code)
