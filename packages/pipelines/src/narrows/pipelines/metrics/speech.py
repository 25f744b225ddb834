"""Scores of speech, of packages that carry their weights: `narrows-pipelines[speech]`.

`speechmos` (DNSMOS), `resemblyzer` (speakers) and `swift-f0` (pitch). Each is left out by itself where it does not
load.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.pipelines.metrics.base import pair
from narrows.pipelines.metrics.packages import loads, require, resampled, score_of

RATE = 16000
VOICED = 0.5
"""Confidence from which a frame has a pitch."""
FEWEST = 10
"""Frames that must have a pitch in both signals."""


def dnsmos_available() -> bool:
    """Whether `dnsmos` can be computed here."""
    return loads("speechmos", "__name__") and loads("speechmos.dnsmos", "run")


def speaker_available() -> bool:
    """Whether `speaker_similarity` can be computed here."""
    return loads("resemblyzer", "VoiceEncoder")


def f0_available() -> bool:
    """Whether `f0_correlation` can be computed here."""
    return loads("swift_f0", "SwiftF0")


def dnsmos(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Overall quality of the mono mix of the estimate alone, about 1 to 5 (DNSMOS P.835, Reddy et al. 2022).

    Args:
        reference: `(C, T)`; it has no influence.
        estimate: `(C, T)`.
        sample_rate: in Hz; resampled to 16 kHz.

    Returns:
        The score; NaN for silence.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    require(dnsmos_available(), "DNSMOS", "speech")
    from speechmos import dnsmos as package

    _, coded = pair(reference, estimate)
    signal = resampled(coded, sample_rate, RATE).clip(-1, 1).astype(np.float32)
    if not signal.any():
        return math.nan
    return score_of("dnsmos", lambda: package.run(signal, RATE)["ovrl_mos"])


def speaker_similarity(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Cosine of the speakers' embeddings of both mono mixes, at most 1; higher is better (GE2E, Wan et al. 2018).

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; resampled to 16 kHz.

    Returns:
        The similarity; NaN for silence.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    require(speaker_available(), "Speaker similarity", "speech")
    signals = [resampled(x, sample_rate, RATE).astype(np.float32) for x in pair(reference, estimate)]
    if not all(signal.any() for signal in signals):
        return math.nan

    def score() -> float:
        first, second = (_encoder().embed_utterance(signal) for signal in signals)
        return float(np.dot(first, second) / (np.linalg.norm(first) * np.linalg.norm(second)))

    return score_of("speaker_similarity", score)


def f0_correlation(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Pearson correlation of the pitch in Hz over frames of 16 ms that have one in both; higher is better.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; resampled to 16 kHz.

    Returns:
        The correlation; NaN where fewer than ten frames have a pitch in both, or it never changes.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    require(f0_available(), "Pitch", "speech")
    signals = [resampled(x, sample_rate, RATE).astype(np.float32) for x in pair(reference, estimate)]

    def score() -> float:
        first, second = (_tracker().detect(signal, RATE) for signal in signals)
        both = (first.confidence >= VOICED) & (second.confidence >= VOICED)
        pitches = first.pitch_hz[both], second.pitch_hz[both]
        if both.sum() < FEWEST or min(float(np.std(pitch)) for pitch in pitches) < 1e-3:
            return math.nan
        return float(np.corrcoef(*pitches)[0, 1])

    return score_of("f0_correlation", score)


@cache
def _encoder() -> Any:
    from resemblyzer import VoiceEncoder

    # It draws its weights before it reads them.
    with torch.random.fork_rng(devices=[]):
        return VoiceEncoder("cpu", verbose=False)


@cache
def _tracker() -> Any:
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1, spin=False)
