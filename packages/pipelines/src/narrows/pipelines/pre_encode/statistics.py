"""Mean, standard deviation and range of every latent channel, computed on the way."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor


class Statistics:
    """Of latent frames, channel by channel, in float64; merged by the formula of Chan et al. (1979)."""

    def __init__(self) -> None:
        self.count = 0
        self._mean = self._squares = self._low = self._high = torch.zeros(0, dtype=torch.float64)

    def add(self, latents: Tensor) -> None:
        """Count the frames of latents `(D, L)`."""
        x = latents.detach().cpu().double()
        if x.shape[-1] == 0:
            return
        mean = x.mean(-1)
        self._merge(x.shape[-1], mean, (x - mean[:, None]).square().sum(-1), x.amin(-1), x.amax(-1))

    def merge(self, other: Self) -> None:
        """Count the frames that other statistics counted."""
        if other.count:
            self._merge(other.count, other._mean, other._squares, other._low, other._high)

    def to_json(self) -> dict[str, Any]:
        """Numbers a channel; the standard deviation is that of the whole population."""
        if not self.count:
            return {"frames": 0}
        return {
            "frames": self.count,
            "mean": self._mean.tolist(),
            "std": self.std.tolist(),
            "min": self._low.tolist(),
            "max": self._high.tolist(),
        }

    @property
    def mean(self) -> Tensor:
        """Of each channel, `(D,)`."""
        return self._mean

    @property
    def std(self) -> Tensor:
        """Standard deviation of each channel, `(D,)`."""
        return (self._squares / self.count).sqrt()

    @property
    def scale(self) -> float:
        """Standard deviation of all numbers: what latent diffusion divides latents by (Rombach et al. 2022)."""
        spread = (self._mean - self._mean.mean()).square()
        return float((self._squares / self.count + spread).mean().sqrt())

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        self = cls()
        if data["frames"]:
            mean, std, low, high = (torch.tensor(data[k], dtype=torch.float64) for k in ("mean", "std", "min", "max"))
            self._merge(data["frames"], mean, std.square() * data["frames"], low, high)
        return self

    def _merge(self, count: int, mean: Tensor, squares: Tensor, low: Tensor, high: Tensor) -> None:
        if not self.count:
            self.count, self._mean, self._squares, self._low, self._high = count, mean, squares, low, high
            return
        total, step = self.count + count, mean - self._mean
        self._squares = self._squares + squares + step.square() * (self.count * count / total)
        self._mean = self._mean + step * (count / total)
        self._low, self._high = torch.minimum(self._low, low), torch.maximum(self._high, high)
        self.count = total
