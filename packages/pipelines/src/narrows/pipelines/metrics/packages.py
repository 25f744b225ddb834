"""What metrics of other packages have in common: whether one is here, its rate, and clips that it refuses."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import soxr
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.pipelines.metrics.base import mono

log = logging.getLogger("narrows.pipelines")


class MetricUnavailableError(NarrowsError, ImportError):
    """The package behind a metric is not installed, or does not load."""


@cache
def loads(module: str, name: str) -> bool:
    """Whether a module loads and has a name. One that is there and fails is named once."""
    try:
        if find_spec(module) is None:
            return False
        with warnings.catch_warnings():
            # About its own insides.
            warnings.simplefilter("ignore")
            getattr(import_module(module), name)
    except Exception as error:  # whatever somebody else's package does when it loads
        log.warning("%s is installed but does not load (%s); its metric is left out", module, error)
        return False
    return True


def require(available: bool, title: str, extra: str) -> None:
    """Refuse a metric whose package is not here.

    Raises:
        MetricUnavailableError: with the extra that brings it.
    """
    if not available:
        raise MetricUnavailableError(f"{title} is not available here: install narrows-pipelines[{extra}]")


def score_of(name: str, score: Callable[[], Any]) -> float:
    """A package's score of a clip; NaN where the package refuses the clip."""
    try:
        return float(score())
    except Exception as error:  # each package has errors of its own for clips that it cannot score
        log.debug("%s has no score for a clip: %s", name, error)
        return math.nan


def resampled(x: Tensor, sample_rate: int, target_rate: int) -> np.ndarray:
    """The mono mix `(T,)` of audio `(C, T)` at another rate."""
    at_rate: np.ndarray = soxr.resample(mono(x).numpy(), sample_rate, target_rate)
    return at_rate
