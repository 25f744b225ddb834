"""What predictors without a network would reach: the yardsticks of a diffusion's loss.

The best constant knows the mean of the latents; the best Gaussian predictor also their covariance over channels, and is
the Wiener filter of a frame. A model whose loss is below the latter has learnt more than second moments of a frame.

Letters: B batch, D channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from narrows.models.diffusion.process import Process

Reduce = Callable[[Tensor], Tensor]


class LatentMoments:
    """First and second moments of latent frames.

    Args:
        channels: D.
    """

    def __init__(self, channels: int) -> None:
        self.count = torch.zeros((), dtype=torch.float64)
        self.sum = torch.zeros(channels, dtype=torch.float64)
        self.squares = torch.zeros(channels, channels, dtype=torch.float64)

    def add(self, latents: Tensor, valid: Tensor) -> None:
        """Add a batch.

        Args:
            latents: `(B, D, L)`.
            valid: `(B, L)`, true for signal.
        """
        frames = latents.movedim(1, -1)[valid].double().cpu()
        self.count += len(frames)
        self.sum += frames.sum(0)
        self.squares += frames.T @ frames

    def mean_and_covariance(self, reduce: Reduce) -> tuple[Tensor, Tensor]:
        """Mean `(D,)` and covariance `(D, D)`, on the CPU; all processes call it."""
        count, total, squares = (reduce(value).cpu() for value in (self.count, self.sum, self.squares))
        mean = total / count.clamp(min=1)
        return mean, squares / count.clamp(min=1) - torch.outer(mean, mean)

    def variances(self, reduce: Reduce) -> Tensor:
        """Variances along the principal axes `(D,)`; all processes call it."""
        found: Tensor = torch.linalg.eigvalsh(self.mean_and_covariance(reduce)[1])
        return found.clamp(min=0)


def best_losses(process: Process, variances: Tensor, time: float) -> tuple[float, float]:
    """Mean squared errors of the best constant and of the best Gaussian predictor of the velocity.

    Args:
        process: of the model.
        variances: of the latents along their principal axes, `(D,)`.
        time: in [0, 1].
    """
    at, one, zero = torch.tensor([time], dtype=torch.float64), torch.ones(1, 1, 1), torch.zeros(1, 1, 1)
    signal, noise = process.signal(at), process.noise(at)
    # The velocity is linear in the clean signal and the noise.
    of_clean = process.target(one.double(), zero.double(), at).squeeze()
    of_noise = process.target(zero.double(), one.double(), at).squeeze()
    constant = of_noise**2 + of_clean**2 * variances
    shared = of_noise * noise + of_clean * signal * variances
    seen = noise**2 + signal**2 * variances
    gaussian = constant - torch.where(seen > 0, shared**2 / seen.clamp(min=1e-30), 0.0)
    return float(constant.mean()), float(gaussian.mean())
