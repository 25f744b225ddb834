"""Brownian paths that are determined by a seed, and known at any time in rising order.

The path is a random walk over the points of a fixed grid, whose increments are drawn from the seed and the place in
the grid; between two points it is a Brownian bridge. Walks over the same grid with more or fewer stops so pass through
the same points, while the increments of each walk are exactly those of a Brownian motion. Every point costs one draw.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from narrows.configs import NarrowsError

CELL = 0.25
"""Distance of the points of the grid: 37 over the usual levels of noise, from 100 to 0.01, in their logarithm."""


class BackwardsError(NarrowsError, ValueError):
    """A path is asked for an increment behind the place that it has reached."""


class BrownianPath:
    """One path.

    Args:
        seed: determines the path.
        shape: of its values.
        cell: distance of the points of the grid.
    """

    def __init__(self, seed: int, shape: Sequence[int], cell: float = CELL) -> None:
        self.seed, self.shape, self.cell = seed, tuple(shape), cell
        self._place = -math.inf
        self._index = 0
        self._stops = 0
        self._rest = torch.zeros(self.shape)

    def gain(self, start: float, end: float) -> Tensor:
        """What the path gains from `start` to `end`, in float32: Gaussian with the variance `end - start`.

        Args:
            start: not before the `end` of the call before.
            end: after `start`.

        Raises:
            BackwardsError: the times do not rise.
        """
        if not end > start or start < self._place:
            raise BackwardsError(f"A path at {self._place:g} has no increment from {start:g} to {end:g}: go forwards")
        if start > self._place:
            self._skip_to(start)
        gained: Tensor | None = None
        while end > self._cell_end:
            gained = self._rest if gained is None else gained.add_(self._rest)
            self._enter(self._index + 1)
        last = self._advance(end)
        return last if gained is None else gained.add_(last)

    @property
    def _cell_end(self) -> float:
        return (self._index + 1) * self.cell

    def _skip_to(self, place: float) -> None:
        index = math.floor(place / self.cell)
        if self._place == -math.inf or index != self._index:
            self._enter(index)
        if place > self._place:
            self._advance(place)

    def _enter(self, index: int) -> None:
        """Start at the left end of a cell, whose whole increment is then known."""
        self._index, self._stops, self._place = index, 0, index * self.cell
        self._rest = self._drawn("cell").mul_(math.sqrt(self.cell))

    def _advance(self, place: float) -> Tensor:
        """Go to a place inside the cell: a bridge between where the path is and the end of the cell."""
        whole, part = self._cell_end - self._place, place - self._place
        left = self._rest * (part / whole)
        if place < self._cell_end:
            self._stops += 1
            left.add_(self._drawn("stop"), alpha=math.sqrt(part * (whole - part) / whole))
        self._rest.sub_(left)
        self._place = place
        return left

    def _drawn(self, what: str) -> Tensor:
        key = f"{self.seed} {what} {self._index} {self._stops}".encode()
        number = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 1
        return torch.randn(self.shape, generator=Generator().manual_seed(number))
