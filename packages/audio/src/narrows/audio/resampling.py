"""Resampling, of a whole signal or of just a region of it.

The resampler is soxr (its HQ recipe: aliases and images below -100 dB).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

CONTEXT = 160
"""Input samples read on each side of a region, at the lower of the two rates. Half the length of soxr's HQ filter is
less than 128; with 160 a region differs from the same region of the whole by less than -100 dB."""


class Region(NamedTuple):
    """Which input frames to read for a region of the output, and what to cut off afterwards."""

    start: int
    """First input frame."""
    frames: int
    """Input frames."""
    skip: int
    """Output frames to drop at the start."""


def resampled_length(frames: int, source_rate: int, target_rate: int) -> int:
    """Length after resampling, as soxr rounds it."""
    return (2 * frames * target_rate + source_rate) // (2 * source_rate)


def region(start: int, frames: int, total: int, source_rate: int, target_rate: int) -> Region:
    """The input of an output region.

    Args:
        start: first output frame wanted.
        frames: output frames wanted.
        total: input frames there are.
        source_rate: rate of the input in Hz.
        target_rate: rate of the output in Hz.
    """
    if source_rate == target_rate:
        return Region(min(start, total), max(0, min(frames, total - start)), 0)
    divisor = math.gcd(source_rate, target_rate)
    step_in, step_out = source_rate // divisor, target_rate // divisor
    context = math.ceil(CONTEXT * max(1.0, source_rate / target_rate))
    # Input and output samples coincide at multiples of the reduced rates: starting there keeps the phase exact.
    blocks = max(0, start * step_in // step_out - context) // step_in
    first = min(blocks * step_in, total)
    last = min(total, math.ceil((start + frames) * step_in / step_out) + context)
    return Region(first, max(0, last - first), start - blocks * step_out)


def resample(audio: NDArray[np.float32], source_rate: int, target_rate: int) -> NDArray[np.float32]:
    """Resample `(T,)` or `(T, C)`; the length is that of `resampled_length`."""
    if source_rate == target_rate:
        return audio
    length = resampled_length(len(audio), source_rate, target_rate)
    if len(audio) == 0 or length == 0:
        return np.zeros((length, *audio.shape[1:]), np.float32)
    result = soxr.resample(audio, source_rate, target_rate, quality="HQ").astype(np.float32, copy=False)
    missing = length - len(result)
    return np.pad(result, [(0, missing)] + [(0, 0)] * (audio.ndim - 1)) if missing > 0 else result[:length]
