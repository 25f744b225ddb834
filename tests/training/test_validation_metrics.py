"""Means of validation are of the clips for which a metric is defined."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from narrows.training.validation_metrics import AUDIO_METRICS, ValidationMetrics


def info(*clips: torch.Tensor) -> dict[str, Any]:
    reals = torch.stack(clips)
    latents = torch.randn(len(clips), 2, 8, generator=torch.Generator().manual_seed(0))
    found: dict[str, Any] = {"reals": reals, "decoded": 0.9 * reals + 0.01, "latents": latents}
    return {**found, "pre_bottleneck_latents": latents}


def means(*clips: torch.Tensor) -> dict[str, float]:
    metrics = ValidationMetrics(None, 16000, AUDIO_METRICS)
    metrics.add(info(*clips))
    return metrics.means(lambda value: value)


def test_a_silent_clip_does_not_spoil_the_mean() -> None:
    sound = torch.randn(1, 8000, generator=torch.Generator().manual_seed(1)) * 0.1
    silence = torch.zeros(1, 8000)
    assert means(sound, silence)["si_sdr"] == pytest.approx(means(sound)["si_sdr"])
    assert math.isnan(means(silence)["si_sdr"])
    assert means(silence)["mel_distance"] >= 0
