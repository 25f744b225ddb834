"""Metrics against the packages that define them, and against what must hold."""

from __future__ import annotations

import auraloss
import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.audio.arrays import AudioArrayError
from narrows.pipelines.metrics import (
    aligned_si_sdr,
    available_metrics,
    measured_delay,
    mel_distance,
    si_sdr,
    stft_distance,
)
from narrows.pipelines.metrics.base import NEEDS_SOUND, value_of

RATE = 22050


@pytest.fixture
def clips() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    reference = 0.3 * torch.randn(2, 6000, generator=generator)
    return reference, reference + 0.05 * torch.randn(2, 6000, generator=generator)


def test_stft_distance_is_that_of_auraloss(clips: tuple[torch.Tensor, torch.Tensor]) -> None:
    # auraloss takes spectral convergence over all channels together, so one channel is compared.
    reference, estimate = (clip[:1] for clip in clips)
    want = auraloss.freq.MultiResolutionSTFTLoss()(estimate[None], reference[None])
    assert stft_distance(reference, estimate, RATE) == pytest.approx(float(want), rel=1e-5)


def test_mel_distance_is_that_of_dac(clips: tuple[torch.Tensor, torch.Tensor]) -> None:
    want = 0.0
    for window, bands in ((2048, 150), (512, 80)):
        spectra = [
            [
                librosa.feature.melspectrogram(
                    y=channel, sr=RATE, n_fft=window, hop_length=window // 4, power=1, n_mels=bands, pad_mode="reflect"
                )
                for channel in clip.numpy()
            ]
            for clip in clips
        ]
        x, y = (np.stack(s) for s in spectra)
        want += np.abs(x - y).mean()
        want += np.abs(np.log10(np.maximum(x, 1e-5) ** 2) - np.log10(np.maximum(y, 1e-5) ** 2)).mean()
    assert mel_distance(*clips, RATE) == pytest.approx(want, rel=1e-4)


def test_si_sdr_is_that_of_auraloss(clips: tuple[torch.Tensor, torch.Tensor]) -> None:
    reference, estimate = clips
    want = -auraloss.time.SISDRLoss()(estimate[None].double(), reference[None].double())
    assert si_sdr(reference, estimate, RATE) == pytest.approx(float(want), rel=1e-6)
    assert si_sdr(reference, estimate, RATE) == pytest.approx(20 * np.log10(0.3 / 0.05), abs=0.3)


@settings(deadline=None, max_examples=25)
@given(delay=st.integers(-900, 900), gain=st.sampled_from([-2.0, -1.0, 0.5, 1.0]))
def test_delay_is_found_and_taken_out(delay: int, gain: float) -> None:
    noise = torch.randn(1, 8000, generator=torch.Generator().manual_seed(3))
    reference, estimate = noise[:, 1000:7000], gain * noise[:, 1000 - delay : 7000 - delay]
    assert measured_delay(reference, estimate, RATE) == delay
    assert aligned_si_sdr(reference, estimate, RATE) > 70


def test_identical_signals_have_no_distance(clips: tuple[torch.Tensor, torch.Tensor]) -> None:
    reference, _ = clips
    assert mel_distance(reference, reference, RATE) == stft_distance(reference, reference, RATE) == 0
    assert si_sdr(reference, reference, RATE) > 70


def test_silence_gives_finite_numbers(clips: tuple[torch.Tensor, torch.Tensor]) -> None:
    silence = torch.zeros_like(clips[0])
    for first, second in ((silence, clips[0]), (clips[0], silence), (silence, silence)):
        for metric in (si_sdr, aligned_si_sdr, mel_distance, stft_distance):
            assert np.isfinite(metric(first, second, RATE)), metric
    assert measured_delay(silence, silence, RATE) == 0


def test_short_clips_are_measured() -> None:
    clip = torch.randn(1, 100, generator=torch.Generator().manual_seed(0))
    assert mel_distance(clip, 0.5 * clip, RATE) > 0
    assert stft_distance(clip, 0.5 * clip, RATE) > 0


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(channels, samples\)"):
        si_sdr(torch.zeros(1, 10), torch.zeros(1, 11), RATE)


@pytest.mark.parametrize("metric", ["si_sdr", "aligned_si_sdr", "stft_distance", "mel_distance"])
@pytest.mark.parametrize("level", [0.0, 0.25, 1e-7])
def test_a_silent_channel_does_not_spoil_what_the_others_say(
    clips: tuple[torch.Tensor, torch.Tensor], metric: str, level: float
) -> None:
    reference, estimate = clips
    alone = value_of(metric, available_metrics()[metric], reference[:1], estimate[:1], RATE)
    silent = torch.full((1, reference.shape[-1]), level)
    pair = (torch.cat([x, silent + noise]) for x, noise in ((reference[:1], 0), (estimate[:1], 1e-4 * estimate[1:])))
    both = value_of(metric, available_metrics()[metric], *pair, RATE)
    assert alone is not None
    if metric in NEEDS_SOUND:
        assert both == pytest.approx(alone)
    else:
        assert both is not None


@pytest.mark.parametrize("metric", ["si_sdr", "aligned_si_sdr", "mel_distance", "stft_distance", "loudness_difference"])
def test_signals_as_soundfile_reads_them_are_refused(clips: tuple[torch.Tensor, torch.Tensor], metric: str) -> None:
    with pytest.raises(AudioArrayError, match=r"transposed, as soundfile reads it; give its \.T"):
        available_metrics()[metric](clips[0].T, clips[1].T, RATE)
