"""Loudness against the standard's own filters and gates, and the level that it names."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import torch

from narrows.audio.loudness import loudness

SHELF = [1.53512485958697, -2.69169619938640, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585]
HIGH_PASS = [1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]


def by_the_standard(audio: np.ndarray) -> float:
    """BS.1770-4 at 48 kHz, from the coefficients it prints."""
    weighted = scipy.signal.lfilter(*HIGH_PASS, scipy.signal.lfilter(*SHELF, audio))
    starts = range(0, audio.shape[-1] - 19200 + 1, 4800)
    powers = np.array([(weighted[:, start : start + 19200] ** 2).mean(-1).sum() for start in starts])
    levels = -0.691 + 10 * np.log10(powers)
    gated = powers[levels > -70]
    gated = gated[-0.691 + 10 * np.log10(gated) > -0.691 + 10 * np.log10(gated.mean()) - 10]
    return float(-0.691 + 10 * np.log10(gated.mean()))


@pytest.mark.parametrize("channels", [1, 2])
def test_follows_the_standard(channels: int) -> None:
    swell = torch.linspace(0, 0.5, 3 * 48000) ** 3
    audio = swell * torch.randn(channels, 3 * 48000, generator=torch.Generator().manual_seed(channels))
    assert loudness(audio, 48000) == pytest.approx(by_the_standard(audio.double().numpy()), abs=0.01)


@pytest.mark.parametrize("rate", [16000, 44100])
def test_does_not_depend_on_the_rate(rate: int) -> None:
    def tone(at: int) -> torch.Tensor:
        return 0.3 * torch.sin(2 * math.pi * 1000 * torch.arange(2 * at, dtype=torch.float64) / at)[None].float()

    assert loudness(tone(rate), rate) == pytest.approx(loudness(tone(48000), 48000), abs=0.05)


def test_a_full_scale_tone_of_997_hz_has_minus_3_01_lufs() -> None:
    tone = torch.sin(2 * math.pi * 997 * torch.arange(96000) / 48000)[None]
    assert loudness(tone, 48000) == pytest.approx(-3.01, abs=0.02)


def test_a_clip_shorter_than_a_gating_block_counts_as_one() -> None:
    tone = torch.sin(2 * math.pi * 997 * torch.arange(4800) / 48000)[None]
    assert loudness(tone, 48000) == pytest.approx(-3.01, abs=0.1)


def test_silence_and_nothing() -> None:
    assert loudness(torch.zeros(1, 20000), 22050) == -math.inf
    assert loudness(torch.zeros(2, 0), 22050) == -math.inf


def test_more_channels_than_the_standard_knows() -> None:
    with pytest.raises(ValueError, match="1 to 5 channels, got 6"):
        loudness(torch.zeros(6, 48000), 48000)
