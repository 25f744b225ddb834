"""Levels: the gain that makes two sounds equally loud."""

from __future__ import annotations

from math import isfinite, log10

from torch import Tensor

from narrows.audio.loudness import MAX_CHANNELS, loudness

LOWEST_RATE = 8000
"""Below it, in Hz, loudness has no place for its filters."""
MOST_DB = 24.0
"""Gain at most: what is far quieter is not the same sound."""


def matching_gain(reference: Tensor, other: Tensor, sample_rate: int) -> float:
    """Gain in dB that makes a sound as loud as a reference, by BS.1770, or by energy where it is not defined.

    Args:
        reference: `(C, T)`.
        other: `(C, T)`.
        sample_rate: of both in Hz.
    """
    if sample_rate >= LOWEST_RATE and 1 <= len(reference) <= MAX_CHANNELS:
        gain = loudness(reference, sample_rate) - loudness(other, sample_rate)
        if isfinite(gain):
            return _limited(gain)
    energies = [float(sound.double().square().mean()) for sound in (reference, other)]
    return _limited(10 * log10(energies[0] / energies[1])) if min(energies) > 0 else 0.0


def _limited(gain: float) -> float:
    return min(max(gain, -MOST_DB), MOST_DB)
