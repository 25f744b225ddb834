"""What is done to a clip between its file and its batch, for every kind of audio data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from narrows.audio.cropping import Crop, pad_to
from narrows.audio.files import PathLike, read_from
from narrows.audio.formats.decoder import Decoder
from narrows.audio.levels import is_silence, phase_flip, volume_norm
from narrows.audio.resampling import resampled_length
from narrows.data.faults import Rejected


@dataclass(frozen=True)
class ClipOptions:
    """Length, rate and channels of clips, and how they are varied."""

    sample_size: int
    sample_rate: int
    channels: int
    random_crop: bool
    random_phase_flip: bool
    silence_threshold_db: float | None
    loudness: tuple[float, float] | None = None
    """Target in LUFS and half the width of the range in LU; None leaves the level alone."""
    pad: bool = True
    """Pad short clips to `sample_size`; otherwise the batch decides."""

    def place(self, total: int, rng: np.random.Generator) -> Crop:
        """Where to crop a signal of `total` frames at the rate of the clips."""
        spare = max(0, total - self.sample_size)
        start = int(rng.integers(spare + 1)) if self.random_crop else 0
        size = self.sample_size if self.pad else max(1, min(total, self.sample_size))
        return Crop(start, size, total, self.sample_rate)

    def finish(self, audio: Tensor, crop: Crop, name: str, rng: np.random.Generator) -> Tensor:
        """Check and vary a clip that was read, and pad it: `(C, T)` to `(C, size)`.

        Raises:
            Rejected: it is silent.
        """
        if self.silence_threshold_db is not None and is_silence(audio, self.silence_threshold_db):
            raise Rejected(f"{name} is silent from second {crop.seconds_start}")
        if self.loudness is not None:
            audio = volume_norm(audio, *self.loudness, self.sample_rate, float(rng.random()))
        if self.random_phase_flip:
            audio = phase_flip(audio, 0.5, float(rng.random()))
        return pad_to(audio, crop.size).clamp(-1, 1)


def read_crop(
    decoder: Decoder,
    path: PathLike,
    clips: ClipOptions,
    place: Callable[[int, np.random.Generator], Crop],
    rng: np.random.Generator,
) -> tuple[Tensor, Crop]:
    """Read a crop of an open file, at the rate and with the channels of clips.

    Args:
        decoder: the open file, which knows its length best: it may have been overwritten since an index was made.
        path: names it in errors.
        clips: rate and channels.
        place: where to crop a signal of so many frames.
        rng: what `place` draws from.

    Raises:
        AudioFileError: it cannot be read.
    """
    crop = place(resampled_length(decoder.info.frames, decoder.info.sample_rate, clips.sample_rate), rng)
    audio, _ = read_from(decoder, path, crop.start, crop.size, clips.sample_rate, clips.channels)
    return audio, crop


def as_signal(value: object, what: str) -> Tensor:
    """Audio from user code as `(C, T)` float."""
    audio = torch.as_tensor(value)
    if audio.dim() not in (1, 2):
        raise TypeError(f"{what} is audio (C, T) or (T,), got the shape {tuple(audio.shape)}")
    return audio.float().reshape(-1, audio.shape[-1])
