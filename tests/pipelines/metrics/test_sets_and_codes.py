"""Distances of sets on distributions whose distance is known; codebook use on codes whose use is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.pipelines.metrics import (
    codebook_use,
    embed,
    entropy_bitrate,
    frechet_distance,
    kernel_distance,
    nominal_bitrate,
)


def normal(count: int, mean: float = 0.0, scale: float = 1.0, seed: int = 0, width: int = 4) -> torch.Tensor:
    noise = torch.randn(count, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return mean + scale * noise


def test_frechet_distance_of_gaussians() -> None:
    # Shift 1 in each of 4 dimensions: 4; deviation 1 against 2: 4 · (1 + 4 - 2 · 2) = 4.
    got = frechet_distance(normal(200_000), normal(200_000, 1.0, 2.0, seed=1))
    assert got == pytest.approx(8.0, rel=0.02)


def test_frechet_distance_by_the_textbook_formula() -> None:
    mix = torch.tensor([[1.0, 0.4, 0.0], [0.0, 0.7, 0.2], [0.3, 0.0, 1.5]], dtype=torch.float64)
    x, y = normal(300, width=3), normal(200, 0.3, seed=1, width=3) @ mix
    a, b = (np.cov(s.numpy(), rowvar=False) for s in (x, y))
    shift = (x.mean(0) - y.mean(0)).numpy()
    want = shift @ shift + np.trace(a + b - 2 * scipy.linalg.sqrtm(a @ b).real)
    assert frechet_distance(x, y) == pytest.approx(want, rel=1e-8)


def test_frechet_distance_of_few_embeddings_is_finite() -> None:
    assert frechet_distance(normal(3, width=10), normal(3, width=10)) == pytest.approx(0, abs=1e-9)


def test_kernel_distance_has_no_bias_and_grows_with_the_shift() -> None:
    same = [kernel_distance(normal(60, seed=i), normal(60, seed=100 + i)) for i in range(60)]
    assert abs(np.mean(same)) < 3 * np.std(same) / math.sqrt(len(same))
    shifted = [kernel_distance(normal(300), normal(300, shift, seed=1)) for shift in (0.5, 1.0, 2.0)]
    assert 0 < shifted[0] < shifted[1] < shifted[2]


def test_worse_reconstructions_are_further_away() -> None:
    generator = torch.Generator().manual_seed(0)
    clips = [0.1 * torch.randn(2, 44100, generator=generator).cumsum(-1).sin() for _ in range(6)]
    distances = []
    for noise in (0.0, 0.01, 0.1):
        worse = [clip + noise * torch.randn(clip.shape, generator=generator) for clip in clips]
        sets = embed(clips, 22050), embed(worse, 22050)
        assert sets[0].shape == (12, 128)
        distances.append((frechet_distance(*sets), kernel_distance(*sets)))
    assert distances[0][0] == pytest.approx(0, abs=1e-6)
    assert distances[0] < distances[1] < distances[2]
    assert distances[1][1] < distances[2][1]


def test_sets_must_fit() -> None:
    with pytest.raises(ValueError, match="at least two"):
        frechet_distance(torch.zeros(1, 3), torch.zeros(5, 3))
    with pytest.raises(ValueError, match="equal dimensions"):
        kernel_distance(torch.zeros(3, 3), torch.zeros(5, 4))


def test_use_of_known_codes() -> None:
    even = torch.arange(16).repeat(4)
    codes = torch.stack([even, torch.zeros_like(even), even % 4])[None]
    use = codebook_use(codes, 16)
    assert [u.used for u in use] == [1.0, 1 / 16, 4 / 16]
    assert [u.perplexity for u in use] == pytest.approx([16, 1, 4])
    assert nominal_bitrate(16, 3, 50.0) == 600
    assert entropy_bitrate(codes, 16, 50.0) == pytest.approx(50 * (4 + 0 + 2))


@settings(deadline=None)
@given(codes=st.lists(st.integers(0, 31), min_size=1, max_size=200))
def test_use_stays_within_bounds(codes: list[int]) -> None:
    (use,) = codebook_use(torch.tensor(codes)[None, None], 32)
    assert 1 - 1e-9 <= use.perplexity <= len(set(codes)) + 1e-9
    assert use.used == len(set(codes)) / 32


def test_codes_out_of_range_are_an_error() -> None:
    with pytest.raises(ValueError, match="from 0 to 16 for a codebook of 16"):
        codebook_use(torch.tensor([[[0, 16]]]), 16)
