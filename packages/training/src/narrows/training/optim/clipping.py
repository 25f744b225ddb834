"""Clipping by what gradients usually are: AutoClip (Seetharaman et al. 2020, arXiv 2007.14469)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import numpy as np

REMEMBERED = 200
"""Norms that are looked back on."""
NEEDED = 10
"""Norms before anything is clipped: percentiles of fewer say little."""


class NormPercentile:
    """A percentile of the last gradient norms.

    Args:
        percentile: of the norms, above 0 and up to 100.
    """

    def __init__(self, percentile: float) -> None:
        self.percentile = percentile
        self.norms: deque[float] = deque(maxlen=REMEMBERED)

    def limit(self) -> float:
        """The largest norm that is not clipped; infinite while there are too few to tell."""
        return float(np.percentile(self.norms, self.percentile)) if len(self.norms) >= NEEDED else math.inf

    def add(self, norm: float) -> None:
        """Remember a norm, before clipping; one that is not finite is passed over."""
        if math.isfinite(norm):
            self.norms.append(norm)

    def state_dict(self) -> list[float]:
        """The norms, oldest first."""
        return list(self.norms)

    def load_state_dict(self, norms: Iterable[float]) -> None:
        """Go back to norms of `state_dict`."""
        self.norms = deque(norms, REMEMBERED)
