"""Small sound files for the tests of data sets."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile


def noise(frames: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    return (0.2 * np.random.default_rng(seed).standard_normal((frames, channels))).clip(-0.99, 0.99)


def write_sounds(folder: Path, count: int = 10, frames: int = 3000, rate: int = 8000, ending: str = "wav") -> Path:
    """A folder of files whose every sample differs, so that equal batches mean equal crops."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        soundfile.write(folder / f"{number:03d}.{ending}", noise(frames + 10 * number, seed=number), rate)
    return folder


def wav_bytes(samples: np.ndarray, rate: int) -> bytes:
    """The content of a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV")
    return file.getvalue()
