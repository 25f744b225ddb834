"""Loudness against pyloudnorm, and the level that the standard names."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
import scipy.signal
import torch

from narrows.pipelines.metrics import loudness, loudness_difference
from narrows.pipelines.metrics.loudness import k_weighted


# pyloudnorm rounds the shelf to 4 dB at 1500 Hz, which shows in noise and more so at low rates.
@pytest.mark.parametrize(("rate", "tolerance"), [(16000, 0.2), (44100, 0.06), (48000, 0.06)])
@pytest.mark.parametrize("channels", [1, 2])
def test_is_that_of_pyloudnorm(rate: int, tolerance: float, channels: int) -> None:
    generator = torch.Generator().manual_seed(rate)
    swell = torch.linspace(0, 0.5, 3 * rate) ** 3
    audio = swell * torch.randn(channels, 3 * rate, generator=generator)
    want = pyloudnorm.Meter(rate).integrated_loudness(audio.T.double().numpy())
    assert loudness(audio, rate) == pytest.approx(want, abs=tolerance)


def test_filters_are_those_of_the_standard_at_48_khz() -> None:
    impulse = np.zeros((1, 50))
    impulse[0, 0] = 1
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]
    want = scipy.signal.lfilter(*high_pass, scipy.signal.lfilter(*shelf, impulse))
    np.testing.assert_allclose(k_weighted(impulse, 48000), want, atol=1e-10)


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
