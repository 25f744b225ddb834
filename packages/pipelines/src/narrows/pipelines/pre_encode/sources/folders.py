"""Folders of audio files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from narrows.configs import AudioDirDatasetConfig, AudioDirEntry, DatasetMetadataOptions
from narrows.configs.storage import address_of
from narrows.data import AudioFileError, AudioInfo, audio_info
from narrows.data.audio_folder import AudioFolder
from narrows.data.datasets.audio_dir import split_files
from narrows.data.datasets.indexed_audio import indexed_files
from narrows.data.errors import existing_folder
from narrows.data.index import Headers, Texts
from narrows.data.metadata import MetadataReader, files_of_metadata, sidecars_of
from narrows.data.places import FolderHere, FolderThere, Place, place_of
from narrows.data.scan import Selection
from narrows.pipelines.pre_encode.changes import file_states
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


class Folders:
    """The files of `audio_dir`."""

    def __init__(self, config: AudioDirDatasetConfig, allow_code: bool) -> None:
        self.config = config
        self._entries = config.datasets or [AudioDirEntry(id="audio", path=config.path or "", index=config.index)]
        self.code = UserCode({entry.id: entry.custom_metadata_module for entry in self._entries}, allow_code)
        self._metadata: dict[str, MetadataReader] = {}
        self._places: dict[str, Place] = {}

    def find(self, limit: int | None) -> Iterator[Clip]:
        """All files that the options take; metadata that a field requires are looked for in all of them."""
        number = 0
        for entry in self._entries:
            place, names = self._names(entry)
            names = names if limit is None else names[: limit - number]
            if self.config.metadata is not None:
                with place.holding(sidecars_of(self.config.metadata, names)) as here:
                    self._reader(place, self.config.metadata).at(here).check(names)
            for name in names:
                yield Clip(number, entry.id, place.root, name)
                number += 1

    def _names(self, entry: AudioDirEntry) -> tuple[Place, list[str]]:
        """A folder, and the paths of its files that the options take."""
        if entry.index is not None:
            files = indexed_files(entry, self.config)
            return FolderHere(files.root), [files.name(row) for row in range(len(files))]
        place, file = place_of(entry.path, f"Data set {entry.id!r}")
        selection = Selection(tuple(self.config.extensions), tuple(entry.keywords), entry.file_list, file)
        # A split goes by names alone, so headers need not be read for it.
        headers = _headers(Path(place.root), place.find(selection, lambda path, reason: None).names)
        return place, list(split_files(headers, self.config.split, self.config.held_out_share).names)

    def shards(self, clips: list[Clip], size: int) -> list[Shard]:
        """So many files each."""
        return shards(clips, size)

    def open(self, shard: Shard) -> OpenShard:
        """The files of a shard; those of a storage are held here until it is closed."""
        names: dict[str, list[str]] = {}
        for clip in shard.clips:
            names.setdefault(clip.root, []).append(clip.name)
        with ExitStack() as stack:
            held = {root: self._hold(root, of_root, stack) for root, of_root in names.items()}
            close = stack.pop_all().close
        sounds = [FileSound(c.key, c.dataset, c.name, self, c, *held[c.root]) for c in shard.clips]
        return OpenShard(sounds, [], close)

    def sizes(self, clips: Sequence[Clip]) -> list[float]:
        """Bytes of each file."""
        return [float(state[0]) if state else 0.0 for state in file_states(clips)]

    def _hold(self, root: str, names: list[str], stack: ExitStack) -> tuple[Path, MetadataReader | None]:
        """Where files of a folder are on this machine, and what reads their metadata."""
        place, options = self._place(root), self.config.metadata
        beside = [] if options is None else sidecars_of(options, names)
        here = stack.enter_context(place.holding([*names, *beside]))
        return here, None if options is None else self._reader(place, options).at(here)

    def _reader(self, place: Place, options: DatasetMetadataOptions) -> MetadataReader:
        """What reads the metadata of a folder, whose table is read once."""
        if place.root not in self._metadata:
            with place.holding(files_of_metadata(options, ())) as here:
                self._metadata[place.root] = MetadataReader(options, here)
        return self._metadata[place.root]

    def _place(self, root: str) -> Place:
        if root not in self._places:
            there = address_of(root) is not None
            self._places[root] = FolderThere(root) if there else FolderHere(existing_folder(root, "Data set"))
        return self._places[root]


@dataclass(frozen=True)
class FileSound:
    """A file of a folder."""

    key: str
    dataset: str
    """Id of its folder."""
    name: str
    """Its path below the folder."""
    folders: Folders
    clip: Clip
    here: Path
    """Its folder, on this machine."""
    metadata: MetadataReader | None

    def header(self) -> AudioInfo:
        """What its header says."""
        with self._told_of_its_place():
            return audio_info(self.here / self.clip.name)

    def load(self, wanted: Wanted, channels: int, seed: int) -> Sounds:
        """Read and decode it."""
        folders, clip = self.folders, self.clip
        options = steady_clips(folders.config, wanted, channels)
        folder = AudioFolder(clip.dataset, _headers(self.here, [clip.name]), options, self.metadata)
        with self._told_of_its_place():
            audio, info = folder.load(0, np.random.default_rng(seed))
            sha256 = file_sha256(self.here / clip.name)
        if address_of(clip.root) is not None:
            info["path"] = f"{clip.root}/{clip.name}"
        return Sounds(audio, folders.code(clip.dataset, info, audio), sha256)

    @contextmanager
    def _told_of_its_place(self) -> Iterator[None]:
        """Errors name the file where it belongs, not where it is held: they are kept with the shard."""
        try:
            yield
        except AudioFileError as error:
            here, root = str(self.here), self.clip.root
            raise AudioFileError(error.path.replace(here, root), error.reason.replace(here, root)) from error


def _headers(root: Path, names: list[str]) -> Headers:
    """Files whose headers have not been read."""
    nothing = np.zeros(len(names), np.int64)
    return Headers(root, Texts(names), nothing, nothing, nothing)


@build_source.register
def _(config: AudioDirDatasetConfig, allow_code: bool) -> Source:
    return Folders(config, allow_code)
