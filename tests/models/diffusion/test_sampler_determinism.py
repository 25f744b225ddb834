"""What an item's sample depends on: its own noise, seed and times, for every sampler."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from support.analytic_flow import OBJECTIVES, STOCHASTIC
from torch import Tensor

from narrows.configs import ConfigError, NarrowsError
from narrows.models.diffusion.noise import ItemNoise
from narrows.models.diffusion.samplers import SamplerError, Step, sample, sample_steps
from narrows.models.diffusion.schedules import ScheduleError

SEEDS = (11, 12, 13, 14, 15, 16, 17)
STEPS = 9


def curved(x: Tensor, time: Tensor) -> Tensor:
    """A model that is not linear, and treats items alike."""
    return 0.4 * torch.sin(2 * x) - 0.25 * x * time[:, None, None].to(x.dtype) + 0.05


def sampled(name: str, seeds: tuple[int, ...], dtype: torch.dtype = torch.float32, **options: Any) -> Tensor:
    source = ItemNoise(seeds)
    noise = source.gaussian(torch.empty(len(seeds), 3, 16, dtype=dtype))
    options = {"eta": 0.7} | options if name.startswith("v-") else options
    return sample(name, curved, noise, objective=OBJECTIVES[name], steps=STEPS, noise_source=source, **options)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_item_is_the_same_in_every_batch(name: str) -> None:
    alone = {seed: sampled(name, (seed,)) for seed in SEEDS}
    for batch in (SEEDS[:3], tuple(reversed(SEEDS))):
        together = sampled(name, batch)
        for place, seed in enumerate(batch):
            torch.testing.assert_close(together[place : place + 1], alone[seed], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(alone[11], alone[12], atol=1e-2)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_global_generator_is_left_alone(name: str) -> None:
    before = torch.random.get_rng_state()
    first = sampled(name, SEEDS[:2])
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(1)
    assert torch.equal(sampled(name, SEEDS[:2]), first)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_only_stochastic_samplers_draw(name: str) -> None:
    noise = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(0))
    options = {"objective": OBJECTIVES[name], "steps": STEPS}
    first, second = (sample(name, curved, noise, generator=[s, s + 1], **options) for s in (1, 2))  # type: ignore[arg-type]
    assert torch.equal(first, second) == (name not in STOCHASTIC)
    assert torch.equal(sample(name, curved, noise, generator=[1, 2], **options), first)  # type: ignore[arg-type]
    same = sample(name, curved, noise, generator=torch.Generator().manual_seed(3), **options)  # type: ignore[arg-type]
    assert torch.equal(sample(name, curved, noise, generator=3, **options), same)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_step_is_told(name: str) -> None:
    steps: list[Step] = []
    got = sampled(name, SEEDS[:2], on_step=steps.append)
    assert [step.index for step in steps] == list(range(len(steps)))
    assert torch.equal(steps[-1].result, got)
    for step, after in pairwise(steps):
        assert torch.equal(step.result, after.x)
        assert torch.equal(step.next_level, after.level)
    assert all(step.denoised.shape == got.shape for step in steps)
    if name not in ("k-dpm-fast", "k-dpm-adaptive"):
        assert len(steps) == STEPS == steps[0].count
        assert not steps[-1].next_level.any()


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_model_is_called_in_its_type_at_times_in_float32(name: str) -> None:
    """And the noise of a seed is the same numbers, rounded."""
    seen: set[tuple[torch.dtype, torch.dtype]] = set()

    def model(x: Tensor, time: Tensor) -> Tensor:
        seen.add((x.dtype, time.dtype))
        assert bool((time >= 0).all())
        assert bool((time <= 1).all())
        return curved(x, time)

    source = ItemNoise(SEEDS[:2])
    noise = source.gaussian(torch.empty(2, 3, 16, dtype=torch.bfloat16))
    got = sample(name, model, noise, objective=OBJECTIVES[name], steps=STEPS, noise_source=source)
    assert seen == {(torch.bfloat16, torch.float32)}
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(noise, ItemNoise(SEEDS[:2]).gaussian(torch.empty(2, 3, 16)).bfloat16())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_variation_is_near_its_source_when_there_is_little_noise(name: str) -> None:
    noise, init = (torch.randn(2, 3, 16, generator=torch.Generator().manual_seed(s)) for s in (1, 2))
    in_sigma = OBJECTIVES[name] == "v" and not name.startswith("v-")
    levels = (0.0, 0.05, 0.3, 3.0) if in_sigma else (0.0, 0.03, 0.3, 0.9)

    def near(x: Tensor, time: Tensor) -> Tensor:
        """The model of a distribution that is wide around 0."""
        return 0.5 * torch.tanh(x)

    distances = []
    for level in levels:
        got = sample(
            name,
            near,
            noise,
            objective=OBJECTIVES[name],
            steps=STEPS,
            init=init,
            init_noise_level=level,
            generator=[3, 4],
        )
        distances.append(float((got - init).square().mean().sqrt()))
    assert distances[0] == 0
    assert distances == sorted(distances)
    assert distances[1] < 0.25 < distances[-1]


@pytest.mark.parametrize("name", [n for n in OBJECTIVES if n not in ("k-dpm-fast", "k-dpm-adaptive")])
def test_each_item_may_have_times_of_its_own(name: str) -> None:
    """In a batch of as many items as times too, where stable-audio-3 takes the one for the other."""
    own = torch.tensor([[0.99, 0.7, 0.2, 0.0], [0.9, 0.5, 0.4, 0.0], [0.8, 0.3, 0.1, 0.0], [0.95, 0.9, 0.8, 0.0]])
    noise = torch.randn(4, 3, 8, generator=torch.Generator().manual_seed(0))
    calls = []

    def counted(x: Tensor, time: Tensor) -> Tensor:
        calls.append(time)
        return curved(x, time)

    options: dict[str, Any] = {"objective": OBJECTIVES[name]}
    together = sample(name, counted, noise, times=own, generator=[1, 2, 3, 4], **options)
    assert len(calls) >= 3
    for place in range(4):
        alone = sample(name, curved, noise[place : place + 1], times=own[place], generator=[place + 1], **options)
        torch.testing.assert_close(together[place : place + 1], alone, atol=1e-5, rtol=1e-5)


def test_more_steps_refine_one_path() -> None:
    """Samplings of one seed with 20 and 40 steps agree more on one Brownian path than with fresh noise."""

    def agreement(path: Any) -> float:
        ends = []
        for steps in (20, 40):
            source = ItemNoise(range(8), path)
            noise = source.gaussian(torch.empty(8, 3, 64))
            ends.append(
                sample("dpmpp-2m-sde", curved, noise, objective="v", steps=steps, noise_source=source).flatten()
            )
        return float(torch.corrcoef(torch.stack(ends))[0, 1])

    assert agreement("brownian") > 0.9
    assert agreement("brownian") > agreement("fresh") + 0.2


def test_a_sampling_can_be_left() -> None:
    calls = []

    def counted(x: Tensor, time: Tensor) -> Tensor:
        calls.append(time)
        return curved(x, time)

    noise = torch.randn(1, 2, 4, generator=torch.Generator().manual_seed(0))
    for step in sample_steps("euler", counted, noise, objective="rectified_flow", steps=50):
        if step.index == 2:
            break
    assert len(calls) == 3
    assert not any(
        step.result.requires_grad
        for step in sample_steps("euler", counted, noise.requires_grad_(), objective="rectified_flow", steps=2)
    )


NOISE = torch.zeros(2, 3, 8)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("euler", {"objective": "v"}, "euler does not fit the objective v: take for example dpmpp-2m-sde"),
        ("v-ddim", {"objective": "rectified_flow"}, "v-ddim does not fit the objective rectified_flow"),
        ("euler", {"objective": "noise"}, "objective must be one of v, rectified_flow, rf_denoiser, got 'noise'"),
        ("euler", {"times": [1.0, 0.5, 0.6, 0.0]}, "times must fall with every step, got 1, 0.5, 0.6, 0"),
        ("euler", {"times": [1.0, 0.5]}, "end at 0"),
        ("euler", {"times": [1.5, 0.0]}, "start at 1"),
        ("euler", {"times": [1.0, 0.5, 0.0], "steps": 5}, "times are 2 steps, but steps is 5"),
        ("euler", {"times": torch.ones(3, 3)}, r"times must be of shape \(steps \+ 1,\) or \(batch, steps \+ 1\)"),
        ("euler", {"init": torch.zeros(1, 3, 8)}, r"init must be of the shape \(2, 3, 8\)"),
        ("euler", {"sigma_max": 0.0}, "there must be an init"),
        ("euler", {"init": NOISE, "init_noise_level": 1.5}, "must be from 0 to 1, got 1.5"),
        ("euler", {"init": NOISE, "init_noise_level": [0.5]}, "1 levels to start from for a batch of 2"),
        ("euler", {"init": NOISE, "init_noise_level": [0.5, 0.0]}, "Items that start without noise"),
        ("euler", {"generator": [1]}, None),
        ("pingpong", {"generator": [1]}, "There are 1 seeds or generators for a batch of 2"),
        ("euler", {"length": [1]}, "1 lengths for a batch of 2"),
        ("euler", {"generator": 1, "noise_source": ItemNoise([1, 2])}, "either generator or noise_source"),
        ("k-dpm-fast", {"objective": "v", "schedule": "karras"}, "makes its own steps"),
        ("k-dpm-adaptive", {"objective": "v", "times": [0.9, 0.0]}, "makes its own steps"),
        ("k-dpm-adaptive", {"objective": "v", "init": NOISE, "init_noise_level": 0.005}, "ends at sigma_min 0.01"),
        ("k-dpm-adaptive", {"objective": "v", "max_steps": 2}, "has not arrived after 2 steps"),
        ("dpmpp-2m", {"objective": "v", "times": [1.0, 0.5, 0.0]}, "cannot start at time 1"),
        ("dpmpp-2m", {"objective": "v", "init": NOISE, "init_noise_level": 0.001}, "must be greater than sigma_min"),
    ],
)
def test_what_cannot_be_sampled_is_said(name: str, options: dict[str, Any], message: str | None) -> None:
    options = {"objective": "rectified_flow"} | options
    if message is None:
        sample(name, curved, NOISE, **options)
        return
    with pytest.raises(NarrowsError, match=message):
        sample(name, curved, NOISE, **options)


@pytest.mark.parametrize(
    ("name", "options"),
    [("eulr", {}), ("euler", {"eta": 0.5}), ("euler", {"steps": 0}), ("euler", {"schedule": "cosine"})],
)
def test_wrong_configurations_are_said(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        sample(name, curved, NOISE, objective="rectified_flow", **options)


def test_models_that_return_something_else_are_said() -> None:
    with pytest.raises(SamplerError, match=r"predict must return the shape \(2, 3, 8\), got \(2, 3, 7\)"):
        sample("euler", lambda x, t: x[..., 1:], NOISE, objective="rectified_flow", steps=2)
    with pytest.raises(SamplerError, match="not finite"):
        sample("k-dpm-adaptive", lambda x, t: x * torch.nan, NOISE + 1, objective="v")
    with pytest.raises(ScheduleError, match="times must be a list"):
        sample("euler", curved, NOISE, objective="rectified_flow", times=[0.0])
