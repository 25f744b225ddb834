"""Scores of speech where their packages are, and what is said where they are not."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from narrows.pipelines.metrics import MetricUnavailableError, available_metrics
from narrows.pipelines.metrics.speech import (
    dnsmos,
    dnsmos_available,
    f0_available,
    f0_correlation,
    speaker_available,
    speaker_similarity,
)

RATE = 16000
ALL: list[tuple[str, Callable[..., float], Callable[[], bool]]] = [
    ("dnsmos", dnsmos, dnsmos_available),
    ("speaker_similarity", speaker_similarity, speaker_available),
    ("f0_correlation", f0_correlation, f0_available),
]


def gliding(seconds: float = 2.0, low: float = 150, high: float = 300) -> Tensor:
    """A voice-like sound whose pitch rises: `(1, T)`."""
    time = torch.arange(int(seconds * RATE)) / RATE
    phase = 2 * math.pi * (low * time + (high - low) / (2 * seconds) * time**2)
    return sum(0.2 / n * torch.sin(n * phase) for n in range(1, 8))[None]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "metric", "available"), ALL)
def test_silence_has_no_score_and_absence_is_said(name: str, metric: Callable[..., float], available: Callable) -> None:
    if not available():
        with pytest.raises(MetricUnavailableError, match="speech"):
            metric(gliding(), gliding(), RATE)
        assert name not in available_metrics()
        return
    state = torch.random.get_rng_state()
    assert math.isnan(metric(torch.zeros(1, RATE), torch.zeros(1, RATE), RATE))
    assert math.isfinite(metric(gliding(), gliding(), RATE))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert name in available_metrics()


@pytest.mark.skipif(not f0_available(), reason="needs narrows-pipelines[speech]")
def test_pitch_that_moves_the_same_way_correlates() -> None:
    assert f0_correlation(gliding(), 0.5 * gliding(), RATE) == pytest.approx(1, abs=1e-3)
    assert f0_correlation(gliding(), gliding(low=300, high=150), RATE) < -0.9


@pytest.mark.skipif(not speaker_available(), reason="needs narrows-pipelines[speech]")
@pytest.mark.filterwarnings("ignore")
def test_the_same_sound_is_the_same_speaker() -> None:
    assert speaker_similarity(gliding(), gliding(), RATE) == pytest.approx(1, abs=1e-5)
    noise = 0.1 * torch.randn(1, 2 * RATE, generator=torch.Generator().manual_seed(0))
    assert speaker_similarity(gliding(), noise, RATE) < 0.9
