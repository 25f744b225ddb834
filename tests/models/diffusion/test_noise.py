"""Noise of items, and Brownian paths."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.models.blocks.draws import gaussian
from narrows.models.diffusion.brownian import BackwardsError, BrownianPath
from narrows.models.diffusion.noise import BatchNoise, ItemNoise, NoiseError, noise_source

LIKE = torch.empty(3, 2, 5)


def level(*sigmas: float) -> torch.Tensor:
    return torch.tensor(sigmas, dtype=torch.float64)


def test_noise_of_a_seed_is_the_same_numbers_everywhere() -> None:
    """In any batch and type; the first ones are written down, so that a release cannot change them."""
    whole = ItemNoise([7, 8, 9]).gaussian(LIKE)
    assert torch.equal(ItemNoise([9, 7]).gaussian(LIKE[:2]), whole[[2, 0]])
    assert torch.equal(ItemNoise([7, 8, 9]).gaussian(LIKE.bfloat16()), whole.bfloat16())
    assert torch.equal(ItemNoise([7, 8, 9]).gaussian(LIKE.double()), whole.double())
    torch.testing.assert_close(whole[0, 0, :3], torch.tensor([-0.1468, 0.7861, 0.9468]), atol=1e-4, rtol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_has_the_noise_of_float32(dtype: torch.dtype) -> None:
    drawn = [gaussian(torch.empty(4, 33, dtype=d), torch.Generator().manual_seed(1)) for d in (torch.float32, dtype)]
    assert torch.equal(drawn[0].to(dtype), drawn[1])


def test_paths_of_items_are_the_same_in_every_batch() -> None:
    both, alone = ItemNoise([1, 2, 3]), ItemNoise([2])
    for start, end in ((50.0, 9.0), (9.0, 8.9), (8.9, 0.02)):
        together = both.brownian(LIKE, level(*[start] * 3), level(*[end] * 3))
        assert torch.equal(alone.brownian(LIKE[:1], level(start), level(end)), together[1:2])


def test_sources_are_what_is_given() -> None:
    assert isinstance(noise_source(None), BatchNoise)
    assert isinstance(noise_source([1, torch.Generator()]), ItemNoise)
    assert torch.equal(noise_source(4).gaussian(LIKE), noise_source(torch.Generator().manual_seed(4)).gaussian(LIKE))
    with pytest.raises(NoiseError, match="2 seeds or generators for a batch of 3"):
        noise_source([1, 2]).gaussian(LIKE)
    with pytest.raises(NoiseError, match="must be an integer of 64 bits"):
        noise_source([2**70])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=3, max_size=9, unique=True), st.integers(0, 2**62))
def test_walks_over_one_path_meet_at_the_grid(places: list[float], seed: int) -> None:
    """Whatever the stops on the way, the path gains the same between two points of the grid."""
    stops = [-6.0, *sorted(places), 6.0]
    walk, stride = BrownianPath(seed, (4,)), BrownianPath(seed, (4,))
    gained = sum((walk.gain(a, b) for a, b in pairwise(stops)), torch.zeros(4))
    torch.testing.assert_close(gained, stride.gain(-6.0, 6.0), atol=1e-4, rtol=1e-4)


def test_increments_are_gaussian_and_independent() -> None:
    """Of steps inside a cell, over its ends, and over many: variance, correlation, fourth moment."""
    stops = [-4.61, -4.6, -4.59, -4.5, -3.97, -3.9, 1.0, 1.05]
    path = BrownianPath(3, (40000,))
    increments = torch.stack([path.gain(a, b) / (b - a) ** 0.5 for a, b in pairwise(stops)])
    error = 40000**-0.5
    assert increments.mean(1).abs().max() < 4 * error
    torch.testing.assert_close(torch.cov(increments), torch.eye(len(increments)), atol=6 * error, rtol=0)
    assert ((increments**4).mean(1) - 3).abs().max() < 4 * 96**0.5 * error


def test_a_path_goes_forwards() -> None:
    path = BrownianPath(1, (2,))
    path.gain(0.0, 1.0)
    path.gain(1.5, 2.0)  # gaps are left out
    for start, end in ((1.0, 3.0), (2.5, 2.5), (3.0, 2.5)):
        with pytest.raises(BackwardsError, match="go forwards"):
            path.gain(start, end)
