"""WebDataset archives, in folders or S3 buckets: each becomes a shard of its own.

An archive of a bucket is copied to the disk once, so that its samples can be read in any order; the next one comes
while this one is encoded.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from narrows.audio.files import open_audio
from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs import WdsDatasetConfig
from narrows.configs.storage import address_of
from narrows.data import AudioFileError, AudioInfo
from narrows.data.datasets.wds import find_shards, shard_decoder
from narrows.data.errors import DataError
from narrows.data.faults import Fault
from narrows.data.shards import Sample, index_shard, read_part
from narrows.data.streams import Shard as Archive
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


class Archives:
    """The archives of `wds` and `s3`."""

    def __init__(self, config: WdsDatasetConfig, allow_code: bool) -> None:
        if config.pre_encoded:
            raise DataError("The data set says pre_encoded: its shards hold latents already")
        self.config = config
        self.code = UserCode({entry.id: entry.custom_metadata_module for entry in config.datasets}, allow_code)
        self._found: dict[str, Archive] = {}

    def find(self, limit: int | None) -> Iterator[Clip]:
        """All archives; with a limit, those that hold so many samples."""
        left = limit
        for number, archive in enumerate(self._archives().values()):
            samples = None
            if left is not None:
                shard = Shard(number, (self._clip(number, archive, left),))
                opened = self.open(shard)
                samples = len(opened.sounds)
                opened.close()
                left -= samples
            yield self._clip(number, archive, samples)
            if left == 0:
                return

    def shards(self, clips: list[Clip], size: int) -> list[Shard]:
        """Each archive becomes one, whatever the size asked for: it is read once and by one process."""
        return [Shard(clip.number, (clip,)) for clip in clips]

    def open(self, shard: Shard) -> OpenShard:
        """The samples of an archive, which is on the disk until the shard is closed."""
        (clip,) = shard.clips
        try:
            archive = self._archives()[clip.name]
        except KeyError:
            return OpenShard([], [Fault(clip.name, "is no longer there")], lambda: None)
        copy: Any = None
        try:
            path = Path(clip.name)
            if address_of(clip.name) is not None:
                copy = NamedTemporaryFile(suffix=".tar")  # noqa: SIM115  it lives until the shard is closed
                with archive.open() as stream:
                    shutil.copyfileobj(stream, copy)
                copy.flush()
                path = Path(copy.name)
            samples = index_shard(path)[: clip.samples]
        except AudioFileError as error:
            return OpenShard([], [Fault(clip.name, error.reason)], lambda: None)
        members = [
            Member(clip.key_of(number), clip.dataset, f"{clip.name}#{s.key}", self, clip.name, archive.dataset, s, path)
            for number, s in enumerate(samples)
        ]
        faults = [] if members else [Fault(clip.name, "holds no samples")]
        return OpenShard(members, faults, copy.close if copy is not None else lambda: None)

    def sizes(self, clips: Sequence[Clip]) -> list[float]:
        """Bytes of each archive."""
        archives = self._archives()
        return [float(_bytes(archives[clip.name])) if clip.name in archives else 0.0 for clip in clips]

    def _archives(self) -> dict[str, Archive]:
        if not self._found:
            self._found = {archive.url: archive for archive in find_shards(self.config)}
        return self._found

    def _clip(self, number: int, archive: Archive, samples: int | None) -> Clip:
        return Clip(number, self.config.datasets[archive.dataset].id, "", archive.url, samples)


def _bytes(archive: Archive) -> int:
    if archive.size is not None:
        return archive.size
    with suppress(OSError):
        return Path(archive.url).stat().st_size
    return 0


@dataclass(frozen=True)
class Member:
    """A sample of an archive."""

    key: str
    dataset: str
    """Id of its data set."""
    name: str
    """Address of its archive, and its key there."""
    archives: Archives
    url: str
    """Of its archive."""
    entry: int
    """Place of its data set among all."""
    sample: Sample = field(repr=False)
    path: Path
    """The archive on the disk."""

    def header(self) -> AudioInfo:
        """What its header says."""
        ending = self._ending()
        with open_audio(f"{self.name}.{ending}", self._read(ending)) as decoder:
            return decoder.info

    def load(self, wanted: Wanted, channels: int, seed: int) -> Sounds:
        """Read and decode it."""
        archives = self.archives
        decode = shard_decoder(archives.config, steady_clips(archives.config, wanted, channels))
        parts: dict[str, Any] = {ending: self._read(ending) for ending in self.sample.parts}
        parts |= {"__url__": self.url, "__key__": self.sample.key}
        audio, info = decode(parts, self.entry, np.random.default_rng(seed))
        sha256 = hashlib.sha256(parts[self._ending()]).hexdigest()
        return Sounds(audio, archives.code(self.dataset, info, audio), sha256)

    def _ending(self) -> str:
        """Ending of its audio."""
        with suppress(StopIteration):
            return next(ending for ending in self.sample.parts if ending.rpartition(".")[2] in AUDIO_ENDINGS)
        raise AudioFileError(self.name, f"holds no audio, only {', '.join(self.sample.parts)}")

    def _read(self, ending: str) -> bytes:
        try:
            return read_part(self.path, self.sample.parts[ending])
        except AudioFileError as error:
            raise AudioFileError(self.name, error.reason) from error


@build_source.register
def _(config: WdsDatasetConfig, allow_code: bool) -> Source:
    return Archives(config, allow_code)
