"""Figures with the names and definitions of Codec-SUPERB."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from narrows.pipelines.metrics.codec_superb import in_its_layout, own_figures, stft, waveform


def test_figures_follow_their_definitions() -> None:
    clip = 0.1 * torch.randn(2, 4000, generator=torch.Generator().manual_seed(0))
    assert waveform(clip, clip + 0.25, 16000) == pytest.approx(0.25)
    assert stft(clip, clip, 16000) == 0
    # Half as loud: every magnitude halves, and the logarithm of its square falls by 2 log10(2), at both windows.
    linear = sum(
        float(torch.stft(clip, w, w // 4, window=torch.hann_window(w), return_complex=True).abs().mean()) / 2
        for w in (2048, 512)
    )
    assert stft(clip, 0.5 * clip, 16000) == pytest.approx(linear + 4 * 0.30103, rel=1e-3)


def test_means_are_by_category_and_missing_metrics_are_null() -> None:
    figures = [
        {"mel_distance": 1.0, "stoi": 0.5, "codec_superb/waveform": 0.1},
        {"mel_distance": 3.0, "stoi": None, "codec_superb/waveform": 0.2},
        {"mel_distance": 5.0, "stoi": None, "codec_superb/waveform": 0.3},
    ]
    clips = [SimpleNamespace(file=str(n), metrics=metrics) for n, metrics in enumerate(figures)]
    found = in_its_layout(clips, {"0": "Speech", "1": "Speech", "2": "Music"})
    assert list(found) == ["Music", "Speech", "overall"]
    assert list(found["overall"]) == ["mel", "stft", "waveform", "pesq", "pesq-wb", "stoi", "f0corr"]
    assert found["Speech"]["mel"] == 2
    assert (found["Speech"]["stoi"], found["Music"]["stoi"], found["overall"]["f0corr"]) == (0.5, None, None)
    assert found["overall"]["waveform"] == pytest.approx(0.2)


def test_only_what_no_other_metric_is_is_measured_apart() -> None:
    clip = torch.ones(1, 3000)
    assert set(own_figures(clip, clip, 8000)) == {"codec_superb/stft", "codec_superb/waveform"}
