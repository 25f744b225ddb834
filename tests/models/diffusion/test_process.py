"""The process of an objective: what was mixed is told apart again."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.diffusion.process import OBJECTIVES, ObjectiveError, noised, process_of


@given(st.sampled_from(OBJECTIVES), st.floats(0.01, 0.99))
def test_a_perfect_velocity_tells_signal_and_noise_apart(objective: str, time: float) -> None:
    clean, noise = (torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(s)).double() for s in (1, 2))
    process, level = process_of(objective), torch.tensor([time, 1 - time], dtype=torch.float64)
    x = noised(process, clean, noise, level)
    velocity = process.target(clean, noise, level)
    torch.testing.assert_close(process.clean_of(x, velocity, level), clean)
    torch.testing.assert_close(process.noise_of(x, velocity, level), noise)
    torch.testing.assert_close(process.sigma(level), process.noise(level) / process.signal(level))
    torch.testing.assert_close(process.time(process.sigma(level)), level)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_ends_are_signal_and_noise(objective: str) -> None:
    process, ends = process_of(objective), torch.tensor([0.0, 1.0], dtype=torch.float64)
    torch.testing.assert_close(process.signal(ends), torch.tensor([1.0, 0.0], dtype=torch.float64))
    torch.testing.assert_close(process.noise(ends), ends)
    assert process.sigma(ends).tolist() == [0, math.inf]
    torch.testing.assert_close(process.time(process.sigma(ends)), ends)


def test_the_velocity_of_v_is_the_derivative_by_the_angle() -> None:
    process, time = process_of("v"), torch.tensor([0.3], dtype=torch.float64)
    clean, noise = torch.ones(1, 1, 1).double(), torch.full((1, 1, 1), -2.0).double()
    step = 1e-6
    change = noised(process, clean, noise, time + step) - noised(process, clean, noise, time - step)
    torch.testing.assert_close(change / (2 * step * math.pi / 2), process.target(clean, noise, time))


def test_unknown_objectives_are_said() -> None:
    with pytest.raises(ObjectiveError, match="must be one of v, rectified_flow, rf_denoiser, got 'eps'"):
        process_of("eps")
