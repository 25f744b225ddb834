"""A diffusion that is solved exactly: clean signals are Gaussian with a mean and a deviation for each channel.

The best prediction is linear in the noisy signal, the probability flow is a scaling around the mean, and its end is
known for every starting noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from narrows.models.diffusion.process import process_of, spread
from narrows.models.diffusion.samplers import sample

MEAN = torch.tensor([0.7, -0.4, 0.1], dtype=torch.float64)[:, None]
DEVIATION = torch.tensor([0.5, 1.2, 0.8], dtype=torch.float64)[:, None]
OBJECTIVES = {
    **dict.fromkeys(("euler", "heun", "rk4", "dpmpp", "pingpong"), "rectified_flow"),
    **dict.fromkeys(
        (
            "v-ddim",
            "v-ddim-cfgpp",
            "k-heun",
            "k-lms",
            "k-dpm-2",
            "k-dpm-fast",
            "k-dpm-adaptive",
            "k-dpmpp-2s-ancestral",
            "dpmpp-2m",
            "dpmpp-2m-sde",
            "dpmpp-3m-sde",
        ),
        "v",
    ),
}
"""Every sampler, and an objective that it fits."""
STOCHASTIC = ("pingpong", "k-dpmpp-2s-ancestral", "dpmpp-2m-sde", "dpmpp-3m-sde")


@dataclass(frozen=True)
class Gaussians:
    """The exact model of an objective."""

    objective: str

    def __call__(self, x: Tensor, time: Tensor) -> Tensor:
        """The velocity `(B, C, T)`."""
        process = process_of(self.objective)
        level = time.to(x)
        signal, noise = spread(process.signal(level), x), spread(process.noise(level), x)
        mean, deviation = MEAN.to(x), DEVIATION.to(x)
        share = (x - signal * mean) / ((deviation * signal) ** 2 + noise**2)
        return process.target(mean + deviation**2 * signal * share, noise * share, level)


def end_of(noise: Tensor, sigma: float | None = None, last: float = 0.0) -> Tensor:
    """Where the flow ends: from pure noise, or in the scale of a ratio of noise to signal, at the level `last`."""
    if sigma is None:
        return MEAN + DEVIATION * noise
    kept = (noise * sigma - MEAN) / torch.sqrt(DEVIATION**2 + sigma**2)
    return MEAN + torch.sqrt(DEVIATION**2 + last**2) * kept


def error(sampler: str, steps: int, **options: object) -> float:
    """Root mean square distance of samples from where the flow ends, in float64."""
    objective = OBJECTIVES[sampler]
    noise = torch.randn(64, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    got = sample(sampler, Gaussians(objective), noise, objective=objective, steps=steps, generator=1, **options)  # type: ignore[arg-type]
    if sampler in ("k-dpm-fast", "k-dpm-adaptive"):
        want = end_of(noise, 100.0, float(options.get("sigma_min", 0.01)))  # type: ignore[arg-type]
    elif OBJECTIVES[sampler] == "v" and not sampler.startswith("v-"):
        want = end_of(noise, 100.0)
    else:
        want = end_of(noise)
    return float((got - want).square().mean().sqrt())
