"""Averages of any length, made of snapshots of two others, are those that were kept all along."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from narrows.pipelines.averages.profiles import CHUNK, LONGEST, Profile, combination, decay, exponent
from narrows.pipelines.averages.snapshots import AverageError, averaged_model, snapshots, write_snapshot


def walk(steps: int, width: int = 16) -> Tensor:
    """Weights that drift and jitter, `(steps, width)`."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(steps, width, generator=generator, dtype=torch.float64).cumsum(0)


def kept(weights: Tensor, length: float) -> Tensor:
    """The average of a length after each step."""
    average, found = weights[0].clone(), []
    for step, value in enumerate(weights, 1):
        average.lerp_(value, 1 - decay(step, length))
        found.append(average.clone())
    return torch.stack(found)


@given(st.floats(0.005, 0.28))
def test_the_exponent_of_a_length_gives_that_length(length: float) -> None:
    gamma = exponent(length)
    assert ((gamma + 1) / ((gamma + 2) ** 2 * (gamma + 3))) ** 0.5 == pytest.approx(length, rel=1e-9)


def test_the_longest_is_the_plain_mean_and_there_are_no_longer_ones() -> None:
    weights = walk(50)
    assert torch.allclose(kept(weights, LONGEST)[-1], weights.mean(0))
    for length in (0.0, 0.3):
        with pytest.raises(ValueError, match="above 0 and at most"):
            exponent(length)


@pytest.mark.parametrize("length", [0.03, 0.05, 0.07, 0.15, 0.25])
@pytest.mark.parametrize("end", [600, 540])
def test_any_length_is_made_of_two(length: float, end: int) -> None:
    weights = 100 + walk(600)  # far from zero, as weights are beside what they move
    tracked = {each: kept(weights, each) for each in (0.05, 0.1)}
    profiles = [Profile(step, each) for step in range(40, 601, 20) for each in tracked]
    shares = combination(profiles, Profile(end, length))
    assert float(shares.sum()) == pytest.approx(1, abs=1e-9)
    made = sum(share * tracked[p.length][p.step - 1] for share, p in zip(shares, profiles, strict=True))
    wanted = kept(weights[:end], length)[-1]
    # Beside how far the average is from the newest weights and from the nearest average that was kept.
    assert float((made - wanted).norm()) < 0.02 * float((weights[end - 1] - wanted).norm())
    if length not in tracked:
        assert float((made - wanted).norm()) < 0.1 * float((tracked[0.05][end - 1] - wanted).norm())


def test_one_that_was_kept_is_itself() -> None:
    profiles = [Profile(step, each) for step in (100, 200, 300) for each in (0.05, 0.1)]
    shares = combination(profiles, Profile(200, 0.1))
    assert torch.allclose(shares, torch.tensor([0, 0, 0, 1, 0, 0], dtype=torch.float64), atol=1e-6)


def test_long_trainings_are_summed_in_parts() -> None:
    profiles = [Profile(step, each) for step in (CHUNK // 2, 2 * CHUNK + 100) for each in (0.05, 0.1)]
    shares = combination(profiles, Profile(2 * CHUNK + 100, 0.1))
    assert torch.allclose(shares, torch.tensor([0, 0, 0, 1], dtype=torch.float64), atol=1e-6)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AverageError, match=r"has no averages: train with `post_hoc_ema: \{\}`"):
        averaged_model(tmp_path, 0.1)
    for step in (10, 20):
        write_snapshot(tmp_path, Profile(step, 0.05), {"weight": torch.ones(2)})
    assert list(snapshots(tmp_path)) == [Profile(10, 0.05), Profile(20, 0.05)]
    with pytest.raises(AverageError, match=r"Step 25 is not among the snapshots .* which are of steps 10 to 20"):
        averaged_model(tmp_path, 0.1, step=25)
    with pytest.raises(AverageError, match=r"above 0 and below 0\.2887, got 0\.4"):
        averaged_model(tmp_path, 0.4)
