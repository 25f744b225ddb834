"""Decoded audio gets back the rate, channels and length of its source, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.models.codec import CodecHeader, SourceFormat
from narrows.pipelines.restore_source_format import restored


def header(source: SourceFormat, samples: int, rate: int = 16000, channels: int = 2) -> CodecHeader:
    return CodecHeader("0" * 64, rate, channels, samples, source, 4, -(-samples // 4), "latents", (8,), None, "float32")


def blocks(audio: torch.Tensor, size: int) -> list[torch.Tensor]:
    return list(audio.split(size, dim=-1))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3000), st.sampled_from([8000, 16000, 22050]), st.integers(1, 2), st.integers(1, 700))
def test_length_rate_and_channels_are_the_sources(frames: int, rate: int, channels: int, size: int) -> None:
    samples = max(1, round(frames * 16000 / rate))
    audio = torch.zeros(2, samples + 5)
    result = np.concatenate(list(restored(blocks(audio, size), header(SourceFormat(rate, channels, frames), samples))))
    assert result.shape == (frames, channels)


def test_at_the_models_own_rate_nothing_is_changed() -> None:
    audio = torch.randn(2, 1000)
    result = np.concatenate(list(restored(blocks(audio, 37), header(SourceFormat(16000, 2, 1000), 1000))))
    np.testing.assert_array_equal(result.T, audio.numpy())


@pytest.mark.parametrize("size", [100, 999, 16000])
def test_resampling_in_blocks_is_resampling_at_once(size: int) -> None:
    time = torch.arange(16000) / 16000
    audio = torch.sin(2 * torch.pi * 440 * time).repeat(2, 1)
    result = np.concatenate(list(restored(blocks(audio, size), header(SourceFormat(44100, 2, 44100), 16000))))
    whole = soxr.resample(audio.T.numpy(), 16000, 44100, quality="HQ")
    np.testing.assert_allclose(result, whole[:44100], atol=1e-5)


def test_a_mono_source_gets_the_mean_of_a_stereo_model() -> None:
    audio = torch.stack([torch.ones(8), torch.zeros(8)])
    result = np.concatenate(list(restored([audio], header(SourceFormat(16000, 1, 8), 8))))
    np.testing.assert_allclose(result, 0.5)
