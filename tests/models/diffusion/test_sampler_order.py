"""Samplers on a flow that is solved exactly: orders of convergence, moments of stochastic ones.

`pytest -s tests/models/diffusion/test_sampler_order.py` prints the table of orders.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from support.analytic_flow import DEVIATION, MEAN, OBJECTIVES, Gaussians, error

from narrows.models.diffusion.noise import BatchNoise
from narrows.models.diffusion.samplers import sample

LOW = {"sigma_min": 1e-4}
"""The last step, of order 1 from the least noise, is then no part of the error."""
ORDERS = [
    ("euler", {"schedule": "linear"}, 0.9),
    ("euler", {"schedule": "logsnr_stretched"}, 0.9),
    ("heun", {}, 1.9),
    ("heun", {"schedule": "linear"}, 1.9),
    ("rk4", {}, 3.3),
    ("rk4", {"schedule": "logsnr_stretched"}, 3.3),
    ("dpmpp", {"schedule": "linear"}, 1.5),
    ("dpmpp", {"schedule": "logsnr_stretched"}, 1.9),
    ("v-ddim", {}, 0.9),
    ("v-ddim-cfgpp", {}, 0.9),
    ("k-heun", LOW, 1.9),
    ("k-dpm-2", LOW, 1.9),
    ("k-lms", LOW, 2.3),
    ("k-dpm-fast", {}, 2.3),
    ("dpmpp-2m", LOW, 1.9),
    ("k-dpmpp-2s-ancestral", LOW | {"eta": 0.0}, 1.9),
    ("dpmpp-2m-sde", LOW | {"eta": 0.0}, 1.9),
    ("dpmpp-3m-sde", LOW | {"eta": 0.0}, 1.9),
]
STEPS = (32, 64, 128)
PATHS = 20000


@pytest.mark.parametrize(("sampler", "options", "least"), ORDERS)
def test_the_error_falls_with_the_steps(sampler: str, options: dict[str, object], least: float) -> None:
    errors = [error(sampler, steps, **options) for steps in STEPS]
    orders = [math.log2(a / b) for a, b in pairwise(errors)]
    shown = "  ".join(f"{e:9.2e}" for e in errors), "  ".join(f"{o:5.2f}" for o in orders)
    print(f"\n{sampler:21} {options!s:36} {shown[0]}   order {shown[1]}")
    assert min(orders) >= least


@pytest.mark.parametrize("sampler", ["euler", "dpmpp"])
def test_the_ladder_of_the_reference_stops_converging(sampler: str) -> None:
    """Its jump to the signal is as long for any number of steps; the stretched ladder has none."""
    jumping, stretched = ([error(sampler, n, schedule=s) for n in (64, 512)] for s in (None, "logsnr_stretched"))
    assert jumping[1] > jumping[0] / 3
    assert stretched[1] < stretched[0] / 7


def test_the_adaptive_sampler_keeps_its_tolerance() -> None:
    errors = [error("k-dpm-adaptive", 1, rtol=t, atol=t) for t in (1e-2, 1e-3, 1e-4)]
    assert errors[0] < 0.05
    assert errors[0] > 4 * errors[1] > 16 * errors[2]


@pytest.mark.parametrize(
    ("sampler", "options", "fresh"),
    [
        ("v-ddim", {"eta": 1.0}, True),
        ("k-dpmpp-2s-ancestral", {}, True),
        ("dpmpp-2m-sde", {}, True),
        ("dpmpp-2m-sde", {}, False),
        ("dpmpp-2m-sde", {"eta": 0.5}, False),
        ("dpmpp-3m-sde", {}, False),
    ],
)
def test_stochastic_samplers_keep_mean_and_variance(sampler: str, options: dict[str, float], fresh: bool) -> None:
    """Within 3 standard errors of 20,000 paths, and what the steps themselves are off."""
    steps = 512 if sampler == "v-ddim" else 128
    mean, variance = moments(sampler, steps, fresh, **options)
    assert ((mean - MEAN).abs() / (DEVIATION / PATHS**0.5)).max() < 3
    bias = 0.03 if sampler == "v-ddim" else 0.004
    assert ((variance / DEVIATION**2 - 1).abs()).max() < 3 * (2 / PATHS) ** 0.5 + bias


def test_pingpong_has_the_moments_of_its_steps() -> None:
    """It mixes the mean of what a signal may have been with noise: the variance is known, and below the data's."""
    mean, variance = moments("pingpong", 6, True, schedule="linear")
    wanted = torch.ones_like(DEVIATION)
    times = torch.linspace(1, 0, 7, dtype=torch.float64)
    for now, then in pairwise(times):
        share = DEVIATION**2 * (1 - now) / ((DEVIATION * (1 - now)) ** 2 + now**2)
        wanted = (1 - then) ** 2 * share**2 * wanted + then**2
    assert ((mean - MEAN).abs() / (wanted / PATHS).sqrt()).max() < 3
    assert ((variance / wanted - 1).abs()).max() < 3 * (2 / PATHS) ** 0.5


def moments(sampler: str, steps: int, fresh: bool, **options: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance `(C, 1)` of as many samples as there are paths."""
    objective = OBJECTIVES[sampler]
    noise = torch.randn(PATHS, 3, 1, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    source = (FreshNoise if fresh else PathNoise)(torch.Generator().manual_seed(6))
    got = sample(sampler, Gaussians(objective), noise, objective=objective, steps=steps, noise_source=source, **options)
    return got.mean(0), got.var(0)


class FreshNoise(BatchNoise):
    """New noise in each step."""

    def brownian(self, like: torch.Tensor, start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
        return self.gaussian(like)


class PathNoise(BatchNoise):
    """One Brownian path with a value for each item, in place of as many paths: their seeds would be slow to spread."""

    def brownian(self, like: torch.Tensor, start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
        return super().brownian(like[None, ..., 0], start[:1], end[:1])[0][..., None]


def test_cfgpp_takes_the_noise_of_the_unguided_prediction() -> None:
    noise = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    exact = Gaussians("v")

    def guided(x: torch.Tensor, t: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return 2 * exact(x, t), {"uncond_output": exact(x, t)}

    got = sample("v-ddim-cfgpp", guided, noise, objective="v", steps=4)
    plain = sample("v-ddim", lambda x, t: guided(x, t)[0], noise, objective="v", steps=4)
    assert not torch.allclose(got, plain, atol=1e-2)
    torch.testing.assert_close(sample("v-ddim", guided, noise, objective="v", steps=4), plain)
