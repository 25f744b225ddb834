"""Clips of a report: an original, its reconstruction, and what was measured on them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import soundfile
from numpy.typing import NDArray

from narrows.pipelines.report.pictures import spectrogram_png

Audio = NDArray[np.float32]


@dataclass
class Sound:
    """A sound by itself.

    Args:
        name: how the report calls it.
        audio: `(C, T)`.
        sample_rate: in Hz.
        metrics: values by name.
    """

    name: str
    audio: Audio
    sample_rate: int
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Length."""
        return float(self.audio.shape[-1] / self.sample_rate)

    @property
    def versions(self) -> dict[str, Audio]:
        """What can be heard."""
        return {"sound": self.audio}

    @property
    def players(self) -> dict[str, str]:
        """The sound as a data address of a FLAC file."""
        return _players(self.versions, self.sample_rate)

    @property
    def pictures(self) -> dict[str, str]:
        """Its spectrogram as a data address of a PNG file."""
        return _pictures(self.versions, self.sample_rate)


@dataclass
class Clip:
    """An original and its reconstruction.

    Args:
        name: how the report calls it.
        original: `(C, T)`.
        reconstruction: `(C, T)`.
        sample_rate: in Hz.
        metrics: values by name.
    """

    name: str
    original: Audio
    reconstruction: Audio
    sample_rate: int
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Length of the original."""
        return float(self.original.shape[-1] / self.sample_rate)

    @cached_property
    def versions(self) -> dict[str, Audio]:
        """What can be heard: original, reconstruction and their difference."""
        length = min(self.original.shape[-1], self.reconstruction.shape[-1])
        original, reconstruction = self.original[:, :length], self.reconstruction[:, :length]
        return {"original": original, "reconstruction": reconstruction, "difference": reconstruction - original}

    @property
    def players(self) -> dict[str, str]:
        """Each version as a data address of a FLAC file."""
        return _players(self.versions, self.sample_rate)

    @property
    def pictures(self) -> dict[str, str]:
        """The spectrogram of each version as a data address of a PNG file."""
        return _pictures(self.versions, self.sample_rate)


def flac(audio: Audio, sample_rate: int) -> bytes:
    """Audio `(C, T)` as a 16-bit FLAC file; samples beyond full scale are clipped."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(audio, -1, 1).T, sample_rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def data_address(content: bytes, media_type: str) -> str:
    """Content as an address that a page can hold in itself."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def _players(versions: Mapping[str, Audio], rate: int) -> dict[str, str]:
    return {name: data_address(flac(audio, rate), "audio/flac") for name, audio in versions.items()}


def _pictures(versions: Mapping[str, Audio], rate: int) -> dict[str, str]:
    return {name: data_address(spectrogram_png(audio, rate), "image/png") for name, audio in versions.items()}
