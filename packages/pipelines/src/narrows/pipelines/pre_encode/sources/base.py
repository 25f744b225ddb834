"""What every source of audio is, and what they share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import singledispatch
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel
from torch import Tensor

from narrows.audio.formats.decoder import AudioInfo
from narrows.data.audio_folder import clip_options
from narrows.data.clips import ClipOptions
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions
from narrows.data.errors import AudioFileError, DataError, system_reason
from narrows.data.faults import Fault
from narrows.data.variation import held_still
from narrows.models.interfaces import ChannelPolicy
from narrows.pipelines.pre_encode.clips import Clip, Shard

WHOLE = 1 << 62
"""A length that no clip has: clips are taken whole."""


@dataclass(frozen=True)
class Wanted:
    """How clips are to arrive."""

    sample_rate: int
    channels: int
    """Of the model."""
    ratio: int
    """Samples a latent frame."""
    sample_size: int | None
    batch_seconds: float
    channel_policy: ChannelPolicy = "duplicate"
    min_length_sec: float | None = None
    max_length_sec: float | None = None


class Sounds(NamedTuple):
    """A clip in memory."""

    audio: Tensor
    """`(C, T)`."""
    info: dict[str, Any]
    """Its metadata, as training gets them."""
    sha256: str
    """Of the file."""


class Sound(Protocol):
    """A clip that can be read."""

    @property
    def key(self) -> str:
        """Name of its sample in the shard, without dots."""
        ...

    @property
    def dataset(self) -> str:
        """Id of its data set."""
        ...

    @property
    def name(self) -> str:
        """What tells it from all others of the data set, wherever that stands."""
        ...

    def header(self) -> AudioInfo:
        """What its header says.

        Raises:
            AudioFileError: it cannot be read.
        """
        ...

    def load(self, wanted: Wanted, channels: int, seed: int) -> Sounds:
        """Read and decode it.

        Args:
            wanted: rate and length.
            channels: to bring it to.
            seed: of what its data set draws, e.g. which stretch stays of a long silence.

        Raises:
            AudioFileError: it cannot be read.
            Rejected: the data set's options, or user code, leave it out.
        """
        ...


class OpenShard(NamedTuple):
    """What a shard is made of, until it is closed."""

    sounds: Sequence[Sound]
    faults: list[Fault]
    close: Callable[[], object]


class Source(Protocol):
    """The audio of a data set."""

    def find(self, limit: int | None) -> Iterator[Clip]:
        """All clips, in an order that does not change; no more samples than `limit`."""
        ...

    def shards(self, clips: list[Clip], size: int) -> list[Shard]:
        """What is written together."""
        ...

    def open(self, shard: Shard) -> OpenShard:
        """Make the sounds of a shard readable."""
        ...

    def sizes(self, clips: Sequence[Clip]) -> list[float]:
        """About how long each clip takes to encode, in any measure that is the same for all; 0 where it is not known.

        Storages are listed once for all clips.
        """
        ...


@singledispatch
def build_source(config: Any, allow_code: bool) -> Source:
    """The audio of a typed data set; each type that holds audio registers its own."""
    raise DataError(
        f"Data sets of the type {config.dataset_type!r} hold no audio to encode; use audio_dir, parquet, lhotse, wds "
        "or s3"
    )


def file_sha256(path: Path) -> str:
    """Of the content of a file.

    Raises:
        AudioFileError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioFileError(path, system_reason(error)) from error


class UserCode:
    """The functions of `custom_metadata_module`, by data set; called by one thread at a time.

    Raises:
        DataError: running code is not allowed, or a module is not what it should be.
    """

    def __init__(self, modules: Mapping[str, str | None], allow_code: bool) -> None:
        self._functions = {name: CustomMetadata(m, allow_code) for name, m in modules.items() if m is not None}
        self._lock: AbstractContextManager[Any] = Lock()

    def __call__(self, dataset: str, info: dict[str, Any], audio: Tensor) -> dict[str, Any]:
        """The metadata with what the function of the data set adds."""
        function = self._functions.get(dataset)
        if function is None:
            return info
        with self._lock:
            added = function(info, audio)
        if added.get("__audio__"):
            raise DataError(
                f"{function.path} returns __audio__, which the metadata of latents cannot hold: leave it out here"
            )
        return {**info, **{name: value for name, value in added.items() if name != "__audio__"}}


def steady_clips(config: BaseModel, wanted: Wanted, channels: int) -> ClipOptions:
    """How clips are made: as for training, but from the start, in their own polarity, at the middle loudness.

    What training draws anew each time must not be baked into latents.
    """
    options = LoaderOptions(
        batch_size=1,
        sample_size=wanted.sample_size or WHOLE,
        sample_rate=wanted.sample_rate,
        audio_channels=channels,
        num_workers=0,
        shuffle=False,
        seed=0,
        rank=0,
        world_size=1,
    )
    return replace(clip_options(held_still(config), options), pad=wanted.sample_size is not None)
