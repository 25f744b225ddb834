"""Parts of the training of diffusion models: times, pairs, masks, regions, yardsticks."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from narrows.data import inpainting
from narrows.models.diffusion.process import noised, process_of
from narrows.training.generative.coupling import paired
from narrows.training.generative.draws import StepDraws
from narrows.training.generative.noise_levels import LossByNoiseLevel
from narrows.training.generative.noising import Noising
from narrows.training.generative.reference_losses import LatentMoments, best_losses
from narrows.training.generative.regions import RegionRules
from narrows.training.generative.silence import extended

SAMPLERS = ["uniform", "logit_normal", "trunc_logit_normal", "log_snr", "log_snr_uniform"]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=Generator().manual_seed(seed))


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(0, 1000))
def test_pairs_are_the_best_of_all(count: int, seed: int) -> None:
    data, noise = drawn(count, 2, 3, seed=seed), drawn(count, 2, 3, seed=seed + 1)
    chosen = paired(data, noise)
    cost = float(((data - chosen) ** 2).sum())
    least = min(float(((data - noise[list(order)]) ** 2).sum()) for order in itertools.permutations(range(count)))
    assert cost == pytest.approx(least, rel=1e-5)


def test_padding_chooses_no_pair() -> None:
    data, noise = drawn(4, 2, 6), drawn(4, 2, 6, seed=1)
    valid = torch.arange(6) < torch.tensor([[2], [6], [3], [5]])
    changed = torch.where(valid[:, None], data, 50.0)
    assert torch.equal(paired(data, noise, valid), paired(changed, noise, valid))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_processes_share_the_draws_of_one(sampler: str) -> None:
    noising = Noising("rectified_flow", sampler, p_one_shot=0.2, shift={"type": "flux", "alpha_max": 3.0})
    lengths = [300, 2000] * 4
    clean = drawn(8, 2, 5)
    one = noising(clean, lengths, StepDraws(3))
    assert torch.equal(noising(clean, lengths, StepDraws(3)).x, one.x)
    assert not torch.equal(noising(clean, lengths, StepDraws(4)).x, one.x)
    for rank in range(2):
        part = noising(clean[rank::2], lengths[rank::2], StepDraws(3, rank, 2))
        assert torch.equal(part.time, one.time[rank::2])
        assert torch.equal(part.x, one.x[rank::2])
    assert bool(((one.time >= 0) & (one.time <= 1)).all())


def test_longer_items_are_shifted_further() -> None:
    noising = Noising("rectified_flow", shift={"type": "flux", "alpha_min": 1.0, "alpha_max": 6.0})
    short, long = noising.times([256] * 512, StepDraws(0)), noising.times([4096] * 512, StepDraws(0))
    mixed = noising.times([256, 4096] * 256, StepDraws(0))
    assert bool((long >= short).all())
    assert long.mean() > short.mean() + 0.1
    assert torch.equal(mixed[::2], short[::2])
    assert torch.equal(mixed[1::2], long[1::2])


def test_the_share_at_pure_noise_is_that_asked_for() -> None:
    times = Noising("v", p_one_shot=0.3).times([8] * 10_000, StepDraws(0))
    share, sigma = float((times == 1).float().mean()), (0.3 * 0.7 / 10_000) ** 0.5
    assert abs(share - 0.3) < 3 * sigma


def test_silence_extends_signal_and_never_shortens_it() -> None:
    valid = torch.arange(1000) < torch.full((2000, 1), 10)
    longer = extended(valid, 20.0, StepDraws(0))
    assert bool((longer >= valid).all())
    gained = longer.sum(1) - 10
    assert float(gained.float().mean()) == pytest.approx(20, rel=0.1)
    assert extended(valid, 0.0, StepDraws(0)) is valid


def test_regions_follow_the_reference() -> None:
    valid = torch.tensor([[True, True, True, False]])
    hole = torch.tensor([[False, True, True, True]])
    plain = RegionRules(False, False, 1.0, by_item=False).regions(valid, hole, mask_padding=False)
    assert plain.weights.tolist() == [[1, 1, 1, 1]]
    masked = RegionRules(False, False, 1.0, by_item=False).regions(valid, hole, mask_padding=True)
    assert masked.weights.tolist() == [[1, 1, 1, 0]]
    newer = RegionRules(False, True, 0.25, by_item=True).regions(valid, hole, mask_padding=False)
    assert newer.weights.tolist() == [[0.25, 1, 1, 0.25]]
    attended = RegionRules(True, True, 0.25, by_item=True).regions(valid, hole, mask_padding=False)
    assert attended.main.tolist() == [[False, True, True, False]]
    assert attended.other.tolist() == [[True, False, False, False]]
    assert attended.apart


@pytest.mark.parametrize("objective", ["v", "rectified_flow"])
@pytest.mark.parametrize("time", [0.0, 0.3, 0.8, 1.0])
def test_yardsticks_are_what_the_best_predictors_reach(objective: str, time: float) -> None:
    """Least squares on many frames finds the same."""
    mixing = torch.tensor([[1.0, 0.0, 0.0], [0.8, 0.3, 0.0], [0.0, 0.2, 0.5]], dtype=torch.float64)
    frames = 200_000
    clean = (mixing @ drawn(3, frames).double() + torch.tensor([[1.0], [0.0], [-2.0]]))[None]
    noise = drawn(1, 3, frames, seed=1).double()
    process, at = process_of(objective), torch.tensor([time], dtype=torch.float64)
    target = process.target(clean, noise, at)[0]
    seen = torch.cat([noised(process, clean, noise, at)[0], torch.ones(1, frames)])
    moments = LatentMoments(3)
    moments.add(clean, torch.ones(1, frames, dtype=torch.bool))
    constant, gaussian = best_losses(process, moments.variances(lambda value: value), time)
    fit = torch.linalg.lstsq(seen.T, target.T).solution
    assert constant == pytest.approx(float(target.var(dim=1, correction=0).mean()), rel=0.02, abs=1e-3)
    assert gaussian == pytest.approx(float(((fit.T @ seen - target) ** 2).mean()), rel=0.02, abs=2e-3)


def test_losses_by_noise_level_are_means_over_steps() -> None:
    levels = LossByNoiseLevel(2)
    levels.add(torch.tensor([1.0, 3.0, 7.0]), torch.tensor([0.05, 0.02, 1.0]))
    levels.step()
    assert levels.take(lambda value: value) == {}
    levels.add(torch.tensor([5.0]), torch.tensor([0.0]))
    levels.step()
    assert levels.take(lambda value: value) == {"noise_0.0/loss": 3.0, "noise_0.9/loss": 7.0}
    assert levels.take(lambda value: value) == {}


@pytest.mark.parametrize("probabilities", [None, [0.25, 0.25, 0.25, 0.25], [0.6, 0.1, 0.2, 0.1], [0.0, 0.5, 0.5]])
def test_kinds_of_masks_have_their_shares(probabilities: list[float] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 masks, drawn as a training step draws them, are within three deviations of the shares asked for."""
    count, length = 10_000, 4
    marks = {"_mask_segments": 0.25, "_mask_spans": 0.5}
    for name, mark in marks.items():
        monkeypatch.setattr(inpainting, name, lambda mask, *_, mark=mark: mask.fill_(mark))
    draws, nothing = StepDraws(5), torch.zeros(1, 1, 2 * length)
    valid = torch.arange(2 * length)[None] < length
    found = [0] * 4
    for item in range(count):
        options = {"mask_type_probabilities": probabilities, "generator": draws.python("mask", item)}
        _, mask = inpainting.random_inpaint_mask(nothing, valid, **options)
        first, last = float(mask[0, 0, 0]), float(mask[0, 0, -1])
        # What masks everything masks the padding as well; what masks the end leaves it.
        found[{0.25: 0, 0.5: 3}.get(first, 1 if last == 0 else 2)] += 1
    wanted = [*(probabilities or inpainting.PROBABILITIES), 0.0][:4]
    for share, seen in zip(wanted, found, strict=True):
        assert abs(seen / count - share) <= 3 * (share * (1 - share) / count) ** 0.5
