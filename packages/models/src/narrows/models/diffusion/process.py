"""The noising of a diffusion: how much signal and noise there is at a time, and what a prediction means.

Two processes run between a clean signal (time 0) and pure noise (time 1): that of v-diffusion (Salimans & Ho 2022), in
which signal and noise turn around a circle, and the straight line of rectified flows (Liu et al. 2023).

Letters: B batch, C channels, T frames. Times and levels are `(B,)`, signals `(B, C, T)`.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from narrows.configs import NarrowsError

OBJECTIVES = ("v", "rectified_flow", "rf_denoiser")
"""What a backbone predicts: the velocity of v-diffusion, or of a flow (the third one is distilled to few steps)."""


class ObjectiveError(NarrowsError, ValueError):
    """There is no such objective."""


class Process(Protocol):
    """Rates of signal and noise, and what a predicted velocity means at a time."""

    def signal(self, time: Tensor) -> Tensor:
        """Share of the signal at a time in [0, 1]."""

    def noise(self, time: Tensor) -> Tensor:
        """Share of the noise at a time in [0, 1]."""

    def target(self, clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """The velocity that a model should predict, `(B, C, T)`."""

    def clean_of(self, x: Tensor, velocity: Tensor, time: Tensor) -> Tensor:
        """The clean signal that a velocity at a noisy signal means, `(B, C, T)`."""

    def noise_of(self, x: Tensor, velocity: Tensor, time: Tensor) -> Tensor:
        """The noise that a velocity at a noisy signal means, `(B, C, T)`."""

    def sigma(self, time: Tensor) -> Tensor:
        """Ratio of noise to signal at a time; infinite at time 1."""

    def time(self, sigma: Tensor) -> Tensor:
        """The time of a ratio of noise to signal."""


class VProcess:
    """v-diffusion: `x = cos(a) clean + sin(a) noise`, `v = cos(a) noise - sin(a) clean`, with `a = time * pi / 2`."""

    def signal(self, time: Tensor) -> Tensor:
        """Cosine of the angle."""
        return torch.cos(time * math.pi / 2)

    def noise(self, time: Tensor) -> Tensor:
        """Sine of the angle."""
        return torch.sin(time * math.pi / 2)

    def target(self, clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """Derivative of the noisy signal by the angle."""
        return noise * spread(self.signal(time), clean) - clean * spread(self.noise(time), clean)

    def clean_of(self, x: Tensor, velocity: Tensor, time: Tensor) -> Tensor:
        """`cos(a) x - sin(a) v`."""
        return x * spread(self.signal(time), x) - velocity * spread(self.noise(time), x)

    def noise_of(self, x: Tensor, velocity: Tensor, time: Tensor) -> Tensor:
        """`sin(a) x + cos(a) v`."""
        return x * spread(self.noise(time), x) + velocity * spread(self.signal(time), x)

    def sigma(self, time: Tensor) -> Tensor:
        """Tangent of the angle."""
        return torch.where(time >= 1, math.inf, torch.tan(time * math.pi / 2))

    def time(self, sigma: Tensor) -> Tensor:
        """Arctangent, as a share of the quarter circle."""
        return torch.atan(sigma) / (math.pi / 2)


class FlowProcess:
    """Rectified flow: `x = (1 - time) clean + time noise` and `v = noise - clean`."""

    def signal(self, time: Tensor) -> Tensor:
        """What the noise leaves."""
        return 1 - time

    def noise(self, time: Tensor) -> Tensor:
        """The time itself."""
        return time

    def target(self, clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """Derivative of the noisy signal by the time, which is the same at every time."""
        return noise - clean

    def clean_of(self, x: Tensor, velocity: Tensor, time: Tensor) -> Tensor:
        """`x - time v`."""
        return x - velocity * spread(time, x)

    def noise_of(self, x: Tensor, velocity: Tensor, time: Tensor) -> Tensor:
        """`x + (1 - time) v`."""
        return x + velocity * spread(1 - time, x)

    def sigma(self, time: Tensor) -> Tensor:
        """`time / (1 - time)`."""
        return torch.where(time >= 1, math.inf, time / (1 - time))

    def time(self, sigma: Tensor) -> Tensor:
        """`sigma / (1 + sigma)`."""
        return torch.where(sigma == math.inf, 1.0, sigma / (1 + sigma))


def process_of(objective: str) -> Process:
    """The process of an objective.

    Args:
        objective: `v`, `rectified_flow` or `rf_denoiser`.

    Raises:
        ObjectiveError: it is none of these.
    """
    if objective == "v":
        return VProcess()
    if objective in OBJECTIVES:
        return FlowProcess()
    raise ObjectiveError(f"objective must be one of {', '.join(OBJECTIVES)}, got {objective!r}")


def noised(process: Process, clean: Tensor, noise: Tensor, time: Tensor) -> Tensor:
    """A signal with the noise of a time.

    Args:
        process: of the model.
        clean: `(B, C, T)`.
        noise: `(B, C, T)`.
        time: `(B,)`, in [0, 1].
    """
    return clean * spread(process.signal(time), clean) + noise * spread(process.noise(time), clean)


def spread(level: Tensor, x: Tensor) -> Tensor:
    """Values of items `(B,)`, ready to be multiplied with `(B, C, T)`: on its device and of its type."""
    # The type first: not every device has float64.
    return level.to(x.dtype).to(x.device).reshape(-1, *[1] * (x.dim() - 1))
