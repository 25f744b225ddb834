"""Resampling against soxr."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
import torch

from narrows.models.blocks.resampling import Resample


@pytest.mark.parametrize(("old", "new"), [(48000, 44100), (44100, 16000), (22050, 48000), (16000, 32000)])
def test_a_band_limited_signal_is_resampled_as_by_soxr(old: int, new: int) -> None:
    time = np.arange(old) / old
    rng = np.random.default_rng(0)
    tones = 0.6 * min(old, new) / 2 * rng.random(8)
    signal = sum(np.sin(2 * np.pi * (f * time + rng.random())) for f in tones).astype(np.float32) / 8
    got = Resample(old, new)(torch.from_numpy(signal)[None, None])[0, 0].numpy()
    want = soxr.resample(signal, old, new, quality="VHQ")
    inner = slice(new // 10, -new // 10)  # the ends depend on what is thought to stand beyond them
    assert len(got) == len(want)
    assert np.abs(got[inner] - want[inner]).max() < 2e-3


@pytest.mark.parametrize(("old", "new"), [(44100, 16000), (48000, 32000)])
def test_what_the_new_rate_cannot_hold_is_removed(old: int, new: int) -> None:
    tone = torch.sin(2 * torch.pi * 0.7 * new / old * torch.arange(old, dtype=torch.float64)).float()
    assert Resample(old, new)(tone[None, None])[..., 100:-100].abs().max() < 0.01
