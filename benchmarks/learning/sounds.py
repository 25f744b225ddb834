"""The sounds of the experiment: a folder of audio, or toy sounds made by code; the same batches for every arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from torch import Tensor

from narrows.audio.cropping import pad_to
from narrows.audio.errors import AudioFileError
from narrows.audio.files import audio_info, read_audio
from narrows.data.scan import Selection, find_files
from narrows.data.toy_sounds import CLASSES, LONGEST, SHORTEST, toy_sound

ENDINGS = ("flac", "wav", "aif", "aiff", "mp3", "ogg", "opus")
SHORTEST_SECONDS = 0.4
"""Shorter files would be mostly padding."""
LONGEST_SECONDS = 20.0
"""What is read of a longer file."""
HELD_OUT_SHARE = 0.15
TOYS = 32


@dataclass(frozen=True)
class Sounds:
    """Clips `(C, T)` that train, and clips that measure."""

    train: Sequence[Tensor]
    held_out: Sequence[Tensor]
    sample_rate: int
    about: str
    """What they are, for the report."""

    def batch(self, seed: int, index: int, size: int, samples: int) -> Tensor:
        """Training batch `(B, C, T)` number `index` of a seed."""
        draw = np.random.default_rng([seed, index])
        lengths = np.array([clip.shape[-1] for clip in self.train], dtype=float)
        chosen = draw.choice(len(self.train), size, p=lengths / lengths.sum())
        return torch.stack([_crop(self.train[i], samples, draw.random()) for i in chosen])

    def measured(self, samples: int, size: int = 8) -> Iterator[Tensor]:
        """Batches of held-out crops, always the same: the middle of a clip, or two places of a longer one."""
        places = [(0.25, 0.75) if clip.shape[-1] >= 2 * samples else (0.5,) for clip in self.held_out]
        crops = [_crop(clip, samples, at) for clip, all_at in zip(self.held_out, places, strict=True) for at in all_at]
        return (torch.stack(crops[i : i + size]) for i in range(0, len(crops), size))

    def counted(self, samples: int) -> Iterator[Tensor]:
        """Whole clips `(1, C, T)`, held-out ones first, at least so many samples in all where there are as many."""
        total = 0
        for clip in (*self.held_out, *self.train):
            if total >= samples:
                return
            total += clip.shape[-1]
            yield clip[None]


def load_sounds(folder: Path | None, sample_rate: int, channels: int) -> Sounds:
    """The sounds of a folder; without one, or where it does not exist, toy sounds.

    Args:
        folder: searched with its subfolders; files that cannot be read are left out.
        sample_rate: in Hz, to which they are resampled.
        channels: of every clip.
    """
    if folder is None or not folder.is_dir():
        return _toys(sample_rate, channels)
    clips = {
        name: clip
        for name in find_files(folder, Selection(ENDINGS)).names
        if (clip := _read(folder / name, sample_rate, channels)) is not None
    }
    held = {name for name in clips if crc32(name.encode()) / 2**32 < HELD_OUT_SHARE}
    train = [clip for name, clip in clips.items() if name not in held]
    if not held or not train:
        raise SystemExit(f"{folder} has too few sounds of at least {SHORTEST_SECONDS} s: {len(clips)}")
    return _described(train, [clips[name] for name in sorted(held)], sample_rate, "the folder")


def _read(path: Path, sample_rate: int, channels: int) -> Tensor | None:
    try:
        if audio_info(path).seconds < SHORTEST_SECONDS:
            return None
        audio, _ = read_audio(path, 0, round(LONGEST_SECONDS * sample_rate), sample_rate, channels)
    except AudioFileError:
        return None
    return audio if audio.shape[-1] >= SHORTEST_SECONDS * sample_rate and float(audio.abs().max()) > 0 else None


def _toys(sample_rate: int, channels: int) -> Sounds:
    clips = []
    for index in range(TOYS):
        draw = np.random.default_rng([0, index])
        sound = toy_sound(CLASSES[index % len(CLASSES)], draw.uniform(SHORTEST, LONGEST), sample_rate, draw).audio
        panned = [np.roll(sound, 8 * channel) * draw.uniform(0.5, 1) for channel in range(channels)]
        clips.append(torch.from_numpy(np.stack(panned)).float())
    return _described(clips[len(CLASSES) :], clips[: len(CLASSES)], sample_rate, "toy sounds")


def _described(train: list[Tensor], held_out: list[Tensor], sample_rate: int, kind: str) -> Sounds:
    counts = [
        f"{len(clips)} clips of {sum(c.shape[-1] for c in clips) / sample_rate:.0f} s" for clips in (train, held_out)
    ]
    return Sounds(train, held_out, sample_rate, f"{kind}: {counts[0]} train, {counts[1]} measure")


def _crop(clip: Tensor, samples: int, place: float) -> Tensor:
    """So many samples at a place from 0 to 1, padded with silence where the clip is shorter."""
    start = int(place * max(0, clip.shape[-1] - samples))
    return pad_to(clip[:, start : start + samples], samples)
