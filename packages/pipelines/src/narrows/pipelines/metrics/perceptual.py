"""Scores of other packages, where these are installed: `narrows-pipelines[pesq]`, `[stoi]` and `[visqol]`.

A package that is missing, or does not load, is a metric that is not available. A clip that a package refuses, as most
do with a fraction of a second or with silence, has no score. Neither stops an evaluation or a report.
"""

from __future__ import annotations

import math
import warnings
from functools import cache
from typing import Any

from torch import Tensor

from narrows.pipelines.metrics.base import mono, pair
from narrows.pipelines.metrics.packages import loads, require, resampled, score_of

PESQ_RATE = 16000
VISQOL_RATE = 48000


def pesq_available() -> bool:
    """Whether `pesq` can be computed here."""
    return loads("pesq", "pesq")


def stoi_available() -> bool:
    """Whether `stoi` can be computed here."""
    return loads("pystoi", "stoi")


def visqol_available() -> bool:
    """Whether `visqol` can be computed here."""
    return loads("visqol", "VisqolApi")


def pesq(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Wide-band PESQ (ITU-T P.862.2) of the mono mix at 16 kHz, 1.04 to 4.64; higher is better; meant for speech.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; both are resampled.

    Returns:
        The score; NaN where it is not defined: for less than a quarter of a second, and without speech.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    require(pesq_available(), "PESQ", "pesq")
    import pesq as package

    clean, coded = (resampled(x, sample_rate, PESQ_RATE) for x in pair(reference, estimate))
    return score_of("pesq", lambda: package.pesq(PESQ_RATE, clean, coded, "wb"))


def stoi(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Short-time objective intelligibility of the mono mix, at most 1; higher is better (Taal et al. 2011).

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; both are resampled to 10 kHz.

    Returns:
        The score; NaN where less than 0.4 s of the reference are above -40 dB of its loudest part.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    require(stoi_available(), "STOI", "stoi")
    import pystoi

    clean, coded = (mono(x).numpy() for x in pair(reference, estimate))
    if not clean.any():
        return math.nan

    def score() -> Any:
        with warnings.catch_warnings():
            # Of too few frames it warns, and returns a score that means nothing.
            warnings.simplefilter("error", RuntimeWarning)
            return pystoi.stoi(clean, coded, sample_rate)

    return score_of("stoi", score)


def visqol(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """ViSQOL in audio mode of the mono mix at 48 kHz, 1 to 5; higher is better (Chinen et al. 2020).

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; both are resampled.

    Returns:
        The score; NaN where it is not defined: for less than about a second, and for silence.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    require(visqol_available(), "ViSQOL", "visqol")
    clean, coded = (resampled(x, sample_rate, VISQOL_RATE) for x in pair(reference, estimate))
    if not clean.any():
        return math.nan
    return score_of("visqol", lambda: _visqol_api().measure_from_arrays(clean, coded, VISQOL_RATE).moslqo)


@cache
def _visqol_api() -> Any:
    """The program with its model for music and other audio."""
    from visqol import VisqolApi

    api = VisqolApi()
    api.create(mode="audio")
    return api
