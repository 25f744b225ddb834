"""Perceptual scores, where their packages are installed (`narrows-pipelines[pesq]`, and Google's ViSQOL)."""

from __future__ import annotations

import logging
import math
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import soxr
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.pipelines.metrics.base import mono, pair

log = logging.getLogger("narrows.pipelines")

PESQ_RATE = 16000
VISQOL_RATE = 48000


class MetricUnavailableError(NarrowsError, ImportError):
    """The package behind a metric is not installed, or does not load."""


def pesq_available() -> bool:
    """Whether `pesq` can be computed here."""
    return _imports("pesq")


def visqol_available() -> bool:
    """Whether `visqol` can be computed here: Google's package and its extension load."""
    return _imports("visqol.visqol_lib_py") and _imports("visqol.pb2.visqol_config_pb2")


@cache
def _imports(module: str) -> bool:
    """Whether a module loads. One that is there and fails is named once, and its metric is not available."""
    try:
        if find_spec(module.partition(".")[0]) is None:
            return False
        import_module(module)
    except Exception as error:  # whatever somebody else's package does when it loads
        log.warning("%s is installed but does not load (%s); its metric is left out", module.partition(".")[0], error)
        return False
    return True


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
    if not pesq_available():
        raise MetricUnavailableError("PESQ needs the package pesq: install narrows-pipelines[pesq]")
    from pesq import BufferTooShortError, NoUtterancesError
    from pesq import pesq as score

    clean, coded = (_resampled(x, sample_rate, PESQ_RATE) for x in pair(reference, estimate))
    try:
        return float(score(PESQ_RATE, clean, coded, "wb"))
    except (BufferTooShortError, NoUtterancesError):
        return math.nan


def visqol(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """ViSQOL in audio mode of the mono mix at 48 kHz, 1 to 5; higher is better (Chinen et al. 2020).

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; both are resampled.

    Raises:
        MetricUnavailableError: the package is not installed.
    """
    if not visqol_available():
        raise MetricUnavailableError("ViSQOL needs Google's package visqol, which is built from source")
    from visqol import visqol_lib_py
    from visqol.pb2 import visqol_config_pb2

    config = visqol_config_pb2.VisqolConfig()
    config.audio.sample_rate = VISQOL_RATE
    api = visqol_lib_py.VisqolApi()
    api.Create(config)
    clean, coded = (_resampled(x, sample_rate, VISQOL_RATE) for x in pair(reference, estimate))
    return float(api.Measure(clean, coded).moslqo)


def _resampled(x: Tensor, sample_rate: int, target_rate: int) -> np.ndarray:
    resampled: np.ndarray = soxr.resample(mono(x).numpy(), sample_rate, target_rate)
    return resampled
