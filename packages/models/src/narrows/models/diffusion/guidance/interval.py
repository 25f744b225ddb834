"""Guidance in a part of the noise levels only (Kynkäänniemi et al. 2024, arXiv 2404.07724)."""

from __future__ import annotations

from torch import Tensor

from narrows.models.diffusion.backbones.base import Objective
from narrows.models.diffusion.process import process_of


def noise_level(t: Tensor, objective: Objective) -> Tensor:
    """Share of noise at a time, in float32: the sine of v-diffusion's angle, or the time of a flow itself."""
    return process_of(objective).noise(t.float())


def guided_items(interval: tuple[float, float], level: Tensor) -> Tensor | None:
    """Which items are within the interval, by their own noise level; None for all.

    Args:
        interval: lowest and highest noise level with guidance.
        level: `(B,)`.
    """
    low, high = interval
    if low <= 0 and high >= 1:
        return None
    inside = (level >= low) & (level <= high)
    return None if bool(inside.all()) else inside.nonzero()[:, 0]
