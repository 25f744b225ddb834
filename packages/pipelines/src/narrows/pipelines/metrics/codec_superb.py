"""The figures of Codec-SUPERB by its names and definitions (Wu et al. 2024; its `SoundCodec/metrics.py`).

There a metric that fails counts as the worst score; here it has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from narrows.pipelines.metrics.base import at_least, pair, value_of

WINDOWS = (2048, 512)
FLOOR = 1e-5
FROM = {
    "mel": "mel_distance",
    "stft": "codec_superb/stft",
    "waveform": "codec_superb/waveform",
    "pesq": "pesq",
    "pesq-wb": "pesq",
    "stoi": "stoi",
    "f0corr": "f0_correlation",
}
"""Our metric behind each of its names. Its `pesq` and `pesq-wb` are the same, and its pitch is Praat's."""
OVERALL = "overall"


def stft(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Distance of magnitudes, and of base-10 logarithms of their squares, at windows of 2048 and 512 samples.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; has no influence.
    """
    total = 0.0
    for window in WINDOWS:
        first, second = (_magnitudes(x, window) for x in pair(reference, estimate))
        logs = [x.clamp(min=FLOOR).square().log10() for x in (first, second)]
        total += float((first - second).abs().mean() + (logs[0] - logs[1]).abs().mean())
    return total


def waveform(reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
    """Mean absolute difference of the samples.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; has no influence.
    """
    first, second = pair(reference, estimate)
    return float((first - second).abs().mean())


def own_figures(reference: Tensor, estimate: Tensor, sample_rate: int) -> dict[str, float | None]:
    """Those of its figures that no other metric of ours is, by our names."""
    metrics = {FROM["stft"]: stft, FROM["waveform"]: waveform}
    return {name: value_of(name, metric, reference, estimate, sample_rate) for name, metric in metrics.items()}


def in_its_layout(clips: Sequence[Any], categories: Mapping[str, str]) -> dict[str, dict[str, float | None]]:
    """Means by category, and over all clips: null where a metric was not measured.

    Args:
        clips: figures with `file` and `metrics`.
        categories: of the files, by name, e.g. `Speech`.
    """
    groups: dict[str, list[Any]] = {}
    for clip in clips:
        groups.setdefault(categories[clip.file], []).append(clip)
    return {name: _means(members) for name, members in sorted(groups.items())} | {OVERALL: _means(clips)}


def _means(clips: Sequence[Any]) -> dict[str, float | None]:
    found = {name: [clip.metrics.get(ours) for clip in clips] for name, ours in FROM.items()}
    measured = {name: [value for value in values if value is not None] for name, values in found.items()}
    return {name: sum(values) / len(values) if values else None for name, values in measured.items()}


def _magnitudes(x: Tensor, window: int) -> Tensor:
    hann = torch.hann_window(window, dtype=x.dtype)
    return torch.stft(at_least(x, window), window, window // 4, window=hann, return_complex=True).abs()
