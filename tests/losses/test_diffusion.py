"""The loss of diffusion models."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor

from narrows.losses.diffusion import LearnedWeighting, Regions, item_losses, min_snr_weights, squared_errors

ALL = torch.ones(2, 6, dtype=torch.bool)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(seed))


def test_without_masks_it_is_the_mean_squared_error() -> None:
    predicted, target = drawn(2, 3, 6), drawn(2, 3, 6, seed=1)
    losses = item_losses(squared_errors(predicted, target, ALL), Regions(ALL, ~ALL))
    torch.testing.assert_close(losses.mean(), torch.nn.functional.mse_loss(predicted, target))


@pytest.mark.parametrize("normalization", ["none", "timestep", "sample", "sample_channel"])
def test_padding_changes_nothing(normalization: str) -> None:
    predicted, target = drawn(2, 3, 6), drawn(2, 3, 6, seed=1)
    valid = torch.arange(6) < torch.tensor([[4], [6]])
    found = item_losses(squared_errors(predicted, target, valid, normalization), Regions(valid, ~valid))
    changed = target.clone()
    changed[0, :, 4:] = 99.0
    again = item_losses(squared_errors(predicted, changed, valid, normalization), Regions(valid, ~valid))
    alone = item_losses(
        squared_errors(predicted[:1, :, :4], target[:1, :, :4], valid[:1, :4], normalization),
        Regions(valid[:1, :4], ~valid[:1, :4]),
    )
    torch.testing.assert_close(found, again)
    torch.testing.assert_close(found[:1], alone)


@pytest.mark.parametrize(("normalization", "dims"), [("timestep", (1,)), ("sample", (1, 2)), ("sample_channel", (2,))])
def test_normalisation_divides_by_a_variance(normalization: str, dims: tuple[int, ...]) -> None:
    predicted, target = drawn(2, 3, 6), drawn(2, 3, 6, seed=1) * 5
    expected = (predicted - target) ** 2 / (target.var(dim=dims, correction=0, keepdim=True) + 1e-6)
    torch.testing.assert_close(squared_errors(predicted, target, ALL, normalization), expected)


def test_context_counts_by_its_weight() -> None:
    errors = torch.ones(1, 2, 4)
    errors[..., 2:] = 5.0
    main = torch.tensor([[True, True, False, False]])
    together = item_losses(errors, Regions(main, ~main, 0.5))
    apart = item_losses(errors, Regions(main, ~main, 0.5, apart=True))
    assert float(together) == pytest.approx((2 * 1 + 0.5 * 2 * 5) / 3)
    assert float(apart) == pytest.approx(1 + 0.5 * 5)


def test_an_item_of_padding_has_no_loss() -> None:
    nothing = torch.zeros(1, 4, dtype=torch.bool)
    errors = squared_errors(drawn(1, 2, 4), drawn(1, 2, 4, seed=1), nothing, "sample")
    assert float(item_losses(errors, Regions(nothing, nothing))) == 0


@given(st.floats(0.01, 0.99), st.floats(0.1, 20))
def test_min_snr_is_the_error_of_the_clean_signal_cut_off(time: float, gamma: float) -> None:
    signal, noise = torch.tensor([1 - time]), torch.tensor([time])
    ratio = (1 - time) ** 2 / time**2
    expected = min(ratio, gamma) * time**2
    assert float(min_snr_weights(signal, noise, gamma)) == pytest.approx(expected, rel=1e-4)


def test_the_learned_weighting_finds_the_loss_of_each_time() -> None:
    weighting = LearnedWeighting()
    optimizer = torch.optim.Adam(weighting.parameters(), lr=0.05)
    time = torch.linspace(0.05, 0.95, 19)
    plain = 0.2 + time**2
    for _ in range(1500):
        optimizer.zero_grad()
        weighting(plain, time).sum().backward()
        optimizer.step()
    level = (weighting(torch.zeros(19), time)).exp()
    torch.testing.assert_close(level, plain, rtol=0.1, atol=0.02)
