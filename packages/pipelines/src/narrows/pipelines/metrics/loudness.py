"""Loudness after ITU-R BS.1770-4."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from narrows.pipelines.metrics.base import pair

BLOCK_SECONDS, OVERLAP = 0.4, 0.75
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
CHANNEL_GAINS = (1.0, 1.0, 1.0, 1.41, 1.41)
"""Left, right, centre, and the two surrounds."""


def loudness(audio: Tensor, sample_rate: int) -> float:
    """Integrated loudness in LUFS; minus infinity for silence.

    Args:
        audio: `(C, T)` with at most 5 channels, at least 0.4 s (shorter clips count as one block).
        sample_rate: in Hz.
    """
    if not 1 <= audio.shape[0] <= len(CHANNEL_GAINS):
        raise ValueError(f"Loudness is defined for 1 to {len(CHANNEL_GAINS)} channels, got {audio.shape[0]}")
    blocks = _block_powers(k_weighted(audio.detach().double().cpu().numpy(), sample_rate), sample_rate)
    loud = blocks[_lufs(blocks) > ABSOLUTE_GATE]
    if not len(loud):
        return -math.inf
    gated = loud[_lufs(loud) > _lufs(loud.mean()) + RELATIVE_GATE]
    return float(_lufs(gated.mean()))


def loudness_difference(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Loudness of the estimate less that of the reference in LU; 0 is best.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.

    Returns:
        0 where both are silent, plus or minus infinity where one is.
    """
    levels = [loudness(x, sample_rate) for x in pair(reference, estimate)]
    return 0.0 if levels[0] == levels[1] else levels[1] - levels[0]


def k_weighted(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Audio `(C, T)` after the two filters of the standard, a shelf for the head and a high-pass."""
    from scipy.signal import lfilter  # half a second, which only loudness needs

    for b, a in (_shelf(sample_rate), _high_pass(sample_rate)):
        audio = lfilter(b, a, audio)
    return audio


def _shelf(rate: int) -> tuple[list[float], list[float]]:
    """High shelf of 4 dB; the analog prototype behind the coefficients that the standard gives for 48 kHz."""
    gain, q = 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * 1681.974450955533 / rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    b = [(high + band * k / q + k * k) / norm, 2 * (k * k - high) / norm, (high - band * k / q + k * k) / norm]
    return b, [1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]


def _high_pass(rate: int) -> tuple[list[float], list[float]]:
    """Second-order high-pass at 38 Hz; its numerator is not normalised, as in the standard."""
    q = 0.5003270373238773
    k = math.tan(math.pi * 38.13547087602444 / rate)
    norm = 1 + k / q + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]


def _block_powers(weighted: np.ndarray, sample_rate: int) -> np.ndarray:
    """Power of every block, summed over channels with their gains."""
    size = min(round(BLOCK_SECONDS * sample_rate), weighted.shape[-1])
    hop = max(1, round(size * (1 - OVERLAP)))
    blocks = torch.from_numpy(weighted).square().unfold(-1, size, hop).mean(-1).numpy()
    powers: np.ndarray = np.asarray(CHANNEL_GAINS[: len(blocks)]) @ blocks
    return powers


def _lufs(power: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        level: np.ndarray = -0.691 + 10 * np.log10(power)
    return level
