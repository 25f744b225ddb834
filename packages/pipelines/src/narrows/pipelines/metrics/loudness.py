"""Difference in loudness after ITU-R BS.1770-4."""

from __future__ import annotations

from torch import Tensor

from narrows.audio.loudness import loudness
from narrows.pipelines.metrics.base import pair


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
