"""The loss of a diffusion by noise level, over some steps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

LEVELS = 10


class LossByNoiseLevel:
    """Means of losses in ten levels of noise.

    Args:
        steps: that a mean is of, at least.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self._taken = 0
        self._clear()

    def _clear(self) -> None:
        self.sums, self.counts = torch.zeros(LEVELS), torch.zeros(LEVELS)

    def add(self, losses: Tensor, time: Tensor) -> None:
        """Add the items of a batch.

        Args:
            losses: `(B,)`.
            time: `(B,)`.
        """
        places = (time.detach().float().cpu() * LEVELS).long().clamp(max=LEVELS - 1)
        self.sums.index_add_(0, places, losses.detach().float().cpu())
        self.counts.index_add_(0, places, torch.ones(len(places)))

    def step(self) -> None:
        """Count a step."""
        self._taken += 1

    def take(self, reduce: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """The means, once there are enough steps, and begin anew; all processes call it."""
        if self._taken < self.steps:
            return {}
        sums, counts = reduce(self.sums).cpu(), reduce(self.counts).cpu()
        self._taken = 0
        self._clear()
        return {
            f"noise_{level / LEVELS:.1f}/loss": float(sums[level] / counts[level])
            for level in counts.nonzero()[:, 0].tolist()
        }
