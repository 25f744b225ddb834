"""How long a sound is in samples and in frames, and in which windows it is worked on.

Letters: C audio channels, T samples, L frames that are diffused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from narrows.models.diffusion.generation.windows import Windows


@dataclass(frozen=True)
class Layout:
    """The lengths of a sound."""

    samples: int
    """T."""
    frames: int
    """L."""
    windows: Windows | None = None
    """None where the model sees the sound as a whole."""


def layout_of(model: Any, seconds: float, loop: bool = False, extended: bool = False) -> Layout:
    """The lengths of a sound.

    A sound is diffused in the training crop, or in its own length where that varies. One that is extended beyond the
    crop is worked on in windows of a crop; so is a loop, whose frames are as near to its length as whole ones can be.

    Args:
        model: the diffusion model.
        seconds: of the sound.
        loop: it repeats without a seam.
        extended: it may be longer than the training crop.
    """
    samples = max(1, round(seconds * model.sample_rate))
    if not loop and not (extended and _beyond(model, samples)):
        return Layout(samples, frames_of(model, samples))
    size = _fitting(model, model.sample_size or samples)
    if loop:
        frames = max(1, round(samples / model.downsampling_ratio))
        if model.varying_length or model.sample_size is None:
            size = min(size, -(-frames // model.length_multiple) * model.length_multiple)
        return Layout(samples, frames, Windows(frames, size, loop=True))
    frames = _fitting(model, samples)
    return Layout(samples, frames, Windows(frames, size))


def window_seconds(model: Any, seconds: float, loop: bool, extended: bool) -> float:
    """What the model sees of a sound at once: what a condition of its length means."""
    windows = layout_of(model, seconds, loop, extended).windows
    if windows is None:
        return seconds
    if model.sample_size is None or windows.size < _fitting(model, model.sample_size):
        return seconds
    return float(model.sample_size / model.sample_rate)


def frames_of(model: Any, samples: int) -> int:
    """Frames that are diffused for so many samples: those of the training crop, unless the length varies."""
    if model.sample_size is not None and not model.varying_length:
        samples = max(samples, model.sample_size)
    return _fitting(model, samples)


def _beyond(model: Any, samples: int) -> bool:
    return model.sample_size is not None and samples > model.sample_size


def _fitting(model: Any, samples: int) -> int:
    frames = -(-samples // model.downsampling_ratio)
    multiple: int = model.length_multiple
    return int(-(-frames // multiple) * multiple)
