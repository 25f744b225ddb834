"""Which scores of other packages can be computed here."""

from __future__ import annotations

from collections.abc import Callable

from narrows.pipelines.metrics.base import Metric
from narrows.pipelines.metrics.perceptual import pesq, pesq_available, stoi, stoi_available, visqol, visqol_available
from narrows.pipelines.metrics.speech import (
    dnsmos,
    dnsmos_available,
    f0_available,
    f0_correlation,
    speaker_available,
    speaker_similarity,
)


def optional_metrics() -> dict[str, Metric]:
    """The scores that can be computed here, by name."""
    kinds: tuple[tuple[str, Metric, Callable[[], bool]], ...] = (
        ("pesq", pesq, pesq_available),
        ("stoi", stoi, stoi_available),
        ("visqol", visqol, visqol_available),
        ("dnsmos", dnsmos, dnsmos_available),
        ("speaker_similarity", speaker_similarity, speaker_available),
        ("f0_correlation", f0_correlation, f0_available),
    )
    return {name: metric for name, metric, available in kinds if available()}
