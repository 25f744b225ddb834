"""Loudness against pyloudnorm, and the level that the standard names."""

from __future__ import annotations

import math

import pyloudnorm
import pytest
import torch

from narrows.training.metrics import loudness, loudness_difference


# At low rates pyloudnorm's shelf, designed anew for every rate, drifts from the prototype of the standard.
@pytest.mark.parametrize(("rate", "tolerance"), [(16000, 0.2), (44100, 0.02), (48000, 0.02)])
@pytest.mark.parametrize("channels", [1, 2])
def test_is_that_of_pyloudnorm(rate: int, tolerance: float, channels: int) -> None:
    generator = torch.Generator().manual_seed(rate)
    swell = torch.linspace(0, 0.5, 3 * rate) ** 3
    audio = swell * torch.randn(channels, 3 * rate, generator=generator)
    want = pyloudnorm.Meter(rate).integrated_loudness(audio.T.double().numpy())
    assert loudness(audio, rate) == pytest.approx(want, abs=tolerance)


def test_a_full_scale_tone_of_997_hz_has_minus_3_01_lufs() -> None:
    tone = torch.sin(2 * math.pi * 997 * torch.arange(96000) / 48000)[None]
    assert loudness(tone, 48000) == pytest.approx(-3.01, abs=0.02)


def test_half_the_amplitude_is_6_lu_less() -> None:
    audio = 0.3 * torch.randn(2, 30000, generator=torch.Generator().manual_seed(0))
    assert loudness_difference(audio, audio / 2, 22050) == pytest.approx(-6.02, abs=0.01)


def test_silence() -> None:
    silence, noise = torch.zeros(1, 20000), 0.1 * torch.ones(1, 20000).cumsum(-1).sin()
    assert loudness(silence, 22050) == -math.inf
    assert loudness_difference(silence, silence, 22050) == 0
    assert loudness_difference(noise, silence, 22050) == -math.inf
