"""Metrics: functions of reference `(C, T)`, estimate `(C, T)` and sample rate in Hz that give a number."""

from narrows.audio.loudness import loudness
from narrows.pipelines.metrics.base import Metric
from narrows.pipelines.metrics.codebooks import CodebookUse, codebook_use, entropy_bitrate, nominal_bitrate
from narrows.pipelines.metrics.configured import configured_metrics
from narrows.pipelines.metrics.detectors import Finding, clicks, clipping, comb_lines, offset
from narrows.pipelines.metrics.distortion import aligned_si_sdr, measured_delay, si_sdr
from narrows.pipelines.metrics.distributions import (
    Embedding,
    embed,
    frechet_distance,
    kernel_distance,
    log_mel_embedding,
)
from narrows.pipelines.metrics.loudness import loudness_difference
from narrows.pipelines.metrics.optional import optional_metrics
from narrows.pipelines.metrics.packages import MetricUnavailableError
from narrows.pipelines.metrics.perceptual import (
    pesq,
    pesq_available,
    stoi,
    stoi_available,
    visqol,
    visqol_available,
)
from narrows.pipelines.metrics.spectral import mel_distance, stft_distance

HIGHER_IS_BETTER = frozenset(
    {
        "si_sdr",
        "aligned_si_sdr",
        "pesq",
        "stoi",
        "visqol",
        "dnsmos",
        "speaker_similarity",
        "f0_correlation",
        "clap_similarity",
        "clap_score",
        "codebook_use",
        "codebook_perplexity",
        "codes_kept",
        "active_dimensions",
    }
)
"""Metrics of which more is better; of all others, less. Those of a single codebook go by its name before the slash."""


def available_metrics() -> dict[str, Metric]:
    """Every metric of a pair of clips that can be computed here, by name."""
    return {
        "si_sdr": si_sdr,
        "aligned_si_sdr": aligned_si_sdr,
        "mel_distance": mel_distance,
        "stft_distance": stft_distance,
        "loudness_difference": loudness_difference,
        **optional_metrics(),
    }


__all__ = [
    "HIGHER_IS_BETTER",
    "CodebookUse",
    "Embedding",
    "Finding",
    "Metric",
    "MetricUnavailableError",
    "aligned_si_sdr",
    "available_metrics",
    "clicks",
    "clipping",
    "codebook_use",
    "comb_lines",
    "configured_metrics",
    "embed",
    "entropy_bitrate",
    "frechet_distance",
    "kernel_distance",
    "log_mel_embedding",
    "loudness",
    "loudness_difference",
    "measured_delay",
    "mel_distance",
    "nominal_bitrate",
    "offset",
    "optional_metrics",
    "pesq",
    "pesq_available",
    "si_sdr",
    "stft_distance",
    "stoi",
    "stoi_available",
    "visqol",
    "visqol_available",
]
