"""Clips of the files of folders, whatever lists the files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from narrows.audio.channels import to_channels
from narrows.audio.cropping import Crop, crop_signal
from narrows.audio.files import open_audio
from narrows.data.clips import ClipOptions, as_signal, read_crop
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions
from narrows.data.drawing import Info
from narrows.data.index import AudioFiles
from narrows.data.metadata import MetadataReader, told_length


@dataclass(frozen=True)
class Stretch:
    """A part of every file, as shares of its length: how a single recording is split."""

    start: float
    end: float

    def place(self, clips: ClipOptions, total: int, rng: np.random.Generator) -> Crop:
        """Where to crop a signal of `total` frames."""
        first, last = round(self.start * total), round(self.end * total)
        inside = clips.place(last - first, rng)
        return inside._replace(start=inside.start + first, total=last)


WHOLE = Stretch(0.0, 1.0)


class AudioFolder:
    """Clips of the files of one folder."""

    def __init__(
        self,
        name: str,
        headers: AudioFiles,
        clips: ClipOptions,
        metadata: MetadataReader | None = None,
        custom: CustomMetadata | None = None,
        stretch: Stretch = WHOLE,
    ) -> None:
        self.name, self.headers = name, headers
        self._clips, self._metadata, self._custom, self._stretch = clips, metadata, custom, stretch

    def __len__(self) -> int:
        return len(self.headers)

    def load(self, row: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """One clip of a file."""
        began = time.perf_counter()
        clips, path, relative = self._clips, self.headers.path(row), self.headers.names[row]
        with open_audio(path) as decoder:
            audio, crop = read_crop(decoder, path, clips, partial(self._stretch.place, clips), rng)
        audio = clips.finish(audio, crop, path, rng)
        known = self._metadata(relative) if self._metadata else {}
        info: Info = {**known, "path": path, "relpath": relative, "dataset": self.name, **crop.metadata()}
        info |= told_length(known)
        info["load_time"] = time.perf_counter() - began
        if self._custom is not None:
            info.update(self._further_audio(self._custom(info, audio), crop))
        return audio, info

    def _further_audio(self, result: dict[str, Any], crop: Crop) -> dict[str, Any]:
        """Audio that user code returned as `__audio__`, cropped like the clip, so that they stay in step."""
        extra = result.pop("__audio__", None) or {}
        for key, value in extra.items():
            signal = crop_signal(as_signal(value, f"__audio__[{key!r}]"), crop)
            result[key] = to_channels(signal, self._clips.channels).clamp(-1, 1)
        return result


class AudioFolders:
    """Clips of the files of several folders."""

    def __init__(self, folders: Sequence[AudioFolder]) -> None:
        self._folders = list(folders)
        self.starts = np.cumsum([0, *map(len, folders)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """One clip of a file."""
        number = int(np.searchsorted(self.starts, item, "right")) - 1
        return self._folders[number].load(item - int(self.starts[number]), rng)


def clip_options(config: Any, options: LoaderOptions) -> ClipOptions:
    """How clips are made, from any configuration of an audio data set."""
    target, spread = config.volume_norm_param
    return ClipOptions(
        sample_size=options.sample_size,
        sample_rate=options.sample_rate,
        channels=options.audio_channels,
        random_crop=config.random_crop,
        random_phase_flip=config.random_phase_flip,
        silence_threshold_db=config.silence_threshold_db,
        loudness=(target, spread) if config.volume_norm else None,
        pad=getattr(config, "length_buckets", 1) == 1,
    )
