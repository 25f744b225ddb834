"""Crops of a fixed length: where they lie, and what metadata says about them."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Crop(NamedTuple):
    """A crop of `size` frames from a signal of `total` frames; past its end there is padding."""

    start: int
    size: int
    total: int
    sample_rate: int

    @property
    def valid(self) -> int:
        """Frames of the crop that are signal."""
        return max(0, min(self.size, self.total - self.start))

    @property
    def timestamps(self) -> tuple[float, float]:
        """Start and end as shares of the signal, or of the crop where that is longer."""
        whole = max(self.total, self.size)
        return self.start / whole, (self.start + self.size) / whole

    @property
    def seconds_start(self) -> int:
        """Start in whole seconds, rounded down."""
        return math.floor(self.start / self.sample_rate)

    @property
    def seconds_total(self) -> int:
        """Length of the whole signal in whole seconds, rounded up."""
        return math.ceil(self.total / self.sample_rate)

    def padding_mask(self) -> Tensor:
        """True where the crop is signal, `(size,)`."""
        return torch.arange(self.size) < self.valid

    def metadata(self) -> dict[str, object]:
        """What goes along with the audio, under the names of the reference (stable-audio-tools)."""
        return {
            "timestamps": self.timestamps,
            "seconds_start": self.seconds_start,
            "seconds_total": self.seconds_total,
            "padding_mask": self.padding_mask(),
            "sample_rate": self.sample_rate,
        }


def pad_to(audio: Tensor, size: int) -> Tensor:
    """Zeros at the end, or a cut, so that `(..., T)` becomes `(..., size)`."""
    return torch.nn.functional.pad(audio, (0, size - audio.shape[-1]))


def crop_signal(audio: Tensor, crop: Crop) -> Tensor:
    """Take a crop out of a signal in memory, `(C, T)` to `(C, size)`."""
    return pad_to(audio[..., crop.start : crop.start + crop.size], crop.size)
