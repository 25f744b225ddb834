"""Samples of a mixture come nearer to it with more steps, by every sampler, and four kinds of prediction give the same.

`pytest -s tests/models/diffusion/test_sampler_distribution.py` prints the distances.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from support.analytic_flow import DEVIATION, MEAN, OBJECTIVES, Gaussians
from torch import Tensor

from narrows.models.diffusion.noise import BatchNoise
from narrows.models.diffusion.process import FlowProcess, VProcess, process_of, spread
from narrows.models.diffusion.samplers import sample
from narrows.models.diffusion.samplers.base import Denoiser, Velocity
from narrows.models.diffusion.samplers.plan import find_sampler

CENTRES = torch.tensor([[2.0, 0.0], [-1.0, 1.8], [-1.0, -1.8]], dtype=torch.float64)
SHARES = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
WIDTH = 0.3
SAMPLES, DIRECTIONS = 4096, 32


class Mixture:
    """The exact model of a mixture of three round Gaussians in a plane: items `(B, 2, 1)`.

    Args:
        objective: that its velocities are of.
    """

    def __init__(self, objective: str) -> None:
        self.process = process_of(objective)

    def __call__(self, x: Tensor, time: Tensor) -> Tensor:
        """The velocity `(B, 2, 1)`."""
        level = time.to(x)
        signal, noise = spread(self.process.signal(level), x), spread(self.process.noise(level), x)
        variance = (WIDTH * signal) ** 2 + noise**2
        away = x - signal * CENTRES.T[None]  # (B, 2, 3)
        weights = torch.softmax(SHARES.log() - away.square().sum(1, keepdim=True) / (2 * variance), -1)
        unit = (away * weights).sum(-1, keepdim=True) / variance
        centre = (CENTRES.T[None] * weights).sum(-1, keepdim=True)
        return self.process.target(centre + WIDTH**2 * signal * unit, noise * unit, level)


def drawn(count: int, seed: int) -> Tensor:
    """Points `(N, 2)` of the mixture itself."""
    generator = torch.Generator().manual_seed(seed)
    which = torch.multinomial(SHARES, count, replacement=True, generator=generator)
    return CENTRES[which] + WIDTH * torch.randn(count, 2, generator=generator, dtype=torch.float64)


def distance(got: Tensor, want: Tensor) -> float:
    """Sliced 2-Wasserstein distance: root mean square, over directions, of the distance of sorted projections."""
    angles = torch.arange(DIRECTIONS, dtype=torch.float64) * math.pi / DIRECTIONS
    directions = torch.stack([angles.cos(), angles.sin()])
    return float(((got @ directions).sort(0)[0] - (want @ directions).sort(0)[0]).square().mean().sqrt())


def samples(name: str, steps: int) -> Tensor:
    """Points `(N, 2)` that a sampler makes."""
    objective = OBJECTIVES[name]
    noise = torch.randn(SAMPLES, 2, 1, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    options: dict[str, Any] = {"schedule": "linear"} if objective == "rectified_flow" else {}
    if name == "k-dpm-adaptive":
        options = {"rtol": 4.0 / steps**2, "atol": 4.0 / steps**2}
    source = ManyPaths(torch.Generator().manual_seed(4))
    return sample(name, Mixture(objective), noise, objective=objective, steps=steps, noise_source=source, **options)[
        ..., 0
    ]


class ManyPaths(BatchNoise):
    """New noise for each step in place of a Brownian path for each of many items."""

    def brownian(self, like: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """Gaussian, of variance 1."""
        return self.gaussian(like)


@pytest.mark.parametrize("name", sorted(set(OBJECTIVES) - {"pingpong"}))
def test_more_steps_come_nearer_to_a_mixture(name: str) -> None:
    """Down to what two sets of as many true samples are apart.

    `pingpong` is for models that are distilled to predict samples, not means: with the exact model it loses variance,
    by the amount that `test_pingpong_has_the_moments_of_its_steps` computes.
    """
    truth = drawn(SAMPLES, 1)
    floor = distance(drawn(SAMPLES, 2), truth)
    few, some, many = (distance(samples(name, steps), truth) for steps in (2, 6, 48))
    print(f"\n{name:22} {few:.3f} {some:.3f} {many:.3f}  (true samples: {floor:.3f})")
    assert few > 2 * many or few < 2 * floor  # rk4 is there with two steps, which are eight evaluations
    assert some > many - floor
    assert many < 2.5 * floor


def test_four_kinds_of_prediction_give_the_same_samples() -> None:
    """A velocity of v, one of a flow, a clean signal, and what EDM's network predicts inside its preconditioning."""

    def clean(x: Tensor, sigma: Tensor) -> Tensor:
        ratio = spread(sigma, x)
        return MEAN + DEVIATION**2 * (x - MEAN) / (DEVIATION**2 + ratio**2)

    def edm(x: Tensor, sigma: Tensor, data: float = 0.5) -> Tensor:
        ratio = spread(sigma, x)
        total = ratio**2 + data**2
        skip, out = data**2 / total, ratio * data / total.sqrt()
        network = (clean(x, sigma) - skip * x) / out.clamp_min(1e-9)
        return skip * x + out * network

    models = {
        "v": Denoiser(Velocity(Gaussians("v"), torch.float64), VProcess()),
        "rectified_flow": Denoiser(Velocity(Gaussians("rectified_flow"), torch.float64), FlowProcess()),
        "clean": clean,
        "edm": edm,
    }
    levels = torch.tensor([[20.0, 8.0, 2.0, 0.7, 0.2, 0.05, 0.0]], dtype=torch.float64).expand(4, -1)
    x = torch.randn(4, 3, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 20
    for sampler in ("dpmpp-2m", "k-heun", "k-lms", "k-dpm-2"):
        ends = {}
        for kind, model in models.items():
            *_, last = find_sampler(sampler).solve(model, x, levels, BatchNoise())
            ends[kind] = last.result
        for kind in models:
            torch.testing.assert_close(ends[kind], ends["v"], atol=1e-9, rtol=1e-8, msg=f"{sampler} {kind}")
