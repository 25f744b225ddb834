"""What the sampling functions of stable-audio-tools do beyond their numbers."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.models import compat
from narrows.models.compat.brownian_tree import BrownianTree
from narrows.models.diffusion.samplers import SamplerError

NOISE = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(0))
K_SAMPLERS = ("k-heun", "k-lms", "k-dpmpp-2s-ancestral", "k-dpm-2", "k-dpm-fast", "dpmpp-2m", "dpmpp-2m-sde")
DRAWS = {"k-heun": 6, "k-lms": 0, "k-dpmpp-2s-ancestral": 5, "k-dpm-2": 6, "k-dpm-fast": 3, "dpmpp-2m": 0}
"""Draws of the signal's size that k-diffusion takes from the global generator in 6 steps, used or not."""


def curved(x: Tensor, t: Tensor, **more: Any) -> Tensor:
    return 0.4 * torch.sin(x) - 0.25 * x * t[:, None, None] + 0.05


def test_the_brownian_tree_is_that_of_torchsde() -> None:
    torchsde = pytest.importorskip("torchsde")
    like = torch.zeros(2, 3)
    ours = BrownianTree(0.05, 20.0, like, seed=1234567)
    theirs = torchsde.BrownianTree(torch.tensor(0.05), like, torch.tensor(20.0), entropy=1234567)
    levels = [20.0, 7.25, 7.125, 3.3333, 1.0, 0.2, 0.06, 0.05]
    for high, low in pairwise(levels):
        torch.testing.assert_close(-ours.gain(high, low), theirs(low, high), atol=3e-6, rtol=1e-5)


@pytest.mark.parametrize("name", DRAWS)
def test_the_global_generator_moves_as_in_the_reference(name: str) -> None:
    torch.manual_seed(3)
    compat.sample_k(curved, NOISE, steps=6, sampler_type=name, sigma_min=0.05, sigma_max=20, device="cpu")
    after = torch.rand(())
    torch.manual_seed(3)
    for _ in range(DRAWS[name]):
        torch.randn_like(NOISE)
    assert torch.equal(after, torch.rand(()))


@pytest.mark.parametrize("sampler", ["euler", "dpmpp", "pingpong", "rk4"])
@pytest.mark.parametrize("level", [0.05, 0.118, 0.5, 0.999, 1, 7])
def test_ladders_of_flows_fall(sampler: str, level: float) -> None:
    """That of the reference rises where the noise of a variation is below its end."""
    times: list[float] = []

    def spy(x: Tensor, t: Tensor) -> Tensor:
        times.append(float(t[0]))
        return torch.zeros_like(x)

    compat.sample_rf(spy, NOISE, init_data=NOISE, steps=6, sampler_type=sampler, sigma_max=level)
    assert times[0] == pytest.approx(min(level, 1))
    assert times == sorted(times, reverse=True)
    assert len(times) == (24 if sampler == "rk4" else 6)


def test_a_ladder_that_rises_is_refused() -> None:
    with pytest.raises(SamplerError, match="must fall"):
        compat.sample_discrete_euler(curved, NOISE, sigmas=torch.tensor([0.5, 0.8, 0.0]))
    with pytest.raises(SamplerError, match=r"must fall from sigma_max 0\.005 to sigma_min 0\.01"):
        compat.sample_k(curved, NOISE, sigma_max=0.005)
    with pytest.raises(SamplerError, match="sigma_max must be above sigma_min"):
        compat.sample_k(curved, NOISE, sigma_max=0.005, sampler_type="k-dpm-adaptive")
    with pytest.raises(SamplerError, match="Either steps or sigmas"):
        compat.sample_rk4(curved, NOISE)
    for function in (compat.sample_k, compat.sample_rf):
        with pytest.raises(SamplerError, match=r"Unknown sampler.type.*foo"):
            function(curved, NOISE, sampler_type="foo")


def test_callbacks_are_told_what_the_references_tell() -> None:
    told: list[dict[str, Any]] = []
    compat.sample_rf(curved, NOISE, steps=3, callback=told.append)
    assert [step["i"] for step in told] == [1, 2, 3]
    assert set(told[0]) == {"x", "t", "sigma", "i", "denoised"}
    told.clear()
    compat.sample_rf(curved, NOISE, steps=3, sampler_type="pingpong", callback=told.append)
    assert [step["i"] for step in told] == [0, 1, 2]
    assert "sigma_hat" in told[0]
    told.clear()
    compat.sample_k(curved, NOISE, sampler_type="k-dpm-adaptive", callback=told.append)
    last = told[-1]
    assert {"x", "i", "t", "t_up", "sigma", "sigma_hat", "denoised", "error", "h"} <= set(last)
    assert last["steps"] == len(told) == last["n_accept"] + last["n_reject"]
    assert last["nfe"] == 3 * len(told)
    assert float(last["sigma"]) == pytest.approx(0.01, rel=1e-4)
    told.clear()
    compat.sample(curved, NOISE, 4, 0.0, callback=told.append)
    assert float(told[1]["sigma"]) == pytest.approx(math.sin(0.75 * math.pi / 2))


@pytest.mark.parametrize("name", [*K_SAMPLERS, "v-ddim", "euler", "rk4", "dpmpp"])
def test_a_gradient_pulls_the_sample(name: str) -> None:
    """`cond_fn` with the gradient of a likelihood around 3."""

    def towards(x: Tensor, level: Tensor, denoised: Tensor, **more: Any) -> Tensor:
        assert x.requires_grad
        return torch.autograd.grad(-0.5 * (denoised - 3).square().sum(), x)[0]

    flow = name in ("euler", "rk4", "dpmpp")
    options: dict[str, Any] = {"steps": 20, "sampler_type": name} | ({} if flow else {"sigma_max": 5})
    function = compat.sample_rf if flow else compat.sample_k
    torch.manual_seed(0)
    free = function(curved, NOISE, **options)
    torch.manual_seed(0)
    pulled = function(curved, NOISE, cond_fn=towards, **options)
    assert pulled.isfinite().all()
    if name != "v-ddim":  # its gradient is added to the velocity, as in the reference
        assert (pulled - 3).square().mean() < (free - 3).square().mean()


def test_names_load_when_they_are_used() -> None:
    assert {name for name in compat.__all__ if not callable(getattr(compat, name))} == set()
    with pytest.raises(AttributeError, match="no attribute 'sample_z'"):
        compat.sample_z  # noqa: B018
