from __future__ import annotations

import math

import pytest
import torch

from narrows.pipelines.metrics import loudness_difference


def test_half_the_amplitude_is_6_lu_less() -> None:
    audio = 0.3 * torch.randn(2, 30000, generator=torch.Generator().manual_seed(0))
    assert loudness_difference(audio, audio / 2, 22050) == pytest.approx(-6.02, abs=0.01)


def test_silence() -> None:
    silence, noise = torch.zeros(1, 20000), 0.1 * torch.ones(1, 20000).cumsum(-1).sin()
    assert loudness_difference(silence, silence, 22050) == 0
    assert loudness_difference(noise, silence, 22050) == -math.inf
