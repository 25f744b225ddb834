"""Where the noise of a sampling comes from.

A source gives the noise of a whole batch. `ItemNoise` draws each item from a generator of its own, on the CPU and in
float32, so that an item's noise is the same numbers in any batch, on any device and in any precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.configs import NarrowsError
from narrows.models.blocks import draws
from narrows.models.diffusion.brownian import BrownianPath

Path = Literal["brownian", "fresh"]
"""Noise of samplers that follow a stochastic differential equation: one path for all numbers of steps, or new draws."""


class NoiseError(NarrowsError, ValueError):
    """The noise does not fit the batch."""


class NoiseSource(Protocol):
    """Gaussian noise for samplers."""

    def gaussian(self, like: Tensor) -> Tensor:
        """New Gaussian noise of a tensor's shape `(B, C, T)`, type and device."""

    def brownian(self, like: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """What a Brownian path gains between two levels of noise, divided by its standard deviation.

        Args:
            like: `(B, C, T)`.
            start: ratios of noise to signal `(B,)`; never greater than the `end` of the call before.
            end: smaller ratios, above 0.
        """


class ItemNoise:
    """Noise from one generator an item.

    Args:
        seeds: one an item: a whole number, or a generator (of the CPU, where the numbers should not depend on the
            device).
        path: `brownian`: samplings of one seed with more or fewer steps follow one path; `fresh`: they do not.
        lengths: frames of each item, behind which there are zeros; None for all frames of the batch.
    """

    def __init__(
        self, seeds: Sequence[int | Generator], path: Path = "brownian", lengths: Sequence[int] | None = None
    ) -> None:
        self.lengths = lengths
        self.generators = [seed if isinstance(seed, Generator) else seeded(seed) for seed in seeds]
        self.path = path
        self._paths: list[BrownianPath] = []

    def gaussian(self, like: Tensor) -> Tensor:
        """See `NoiseSource`."""
        _check(len(self.generators), like)
        items = [
            torch.randn(shape, generator=generator, device=generator.device).to(like)
            for shape, generator in zip(self._shapes(like), self.generators, strict=True)
        ]
        return _stacked(items, like)

    def brownian(self, like: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """See `NoiseSource`."""
        if self.path == "fresh":
            return self.gaussian(like)
        _check(len(self.generators), like)
        if not self._paths:
            shapes = zip(self._shapes(like), self.generators, strict=True)
            self._paths = [BrownianPath(_whole(generator), shape) for shape, generator in shapes]
        return _walked(self._paths, like, start, end)

    def _shapes(self, like: Tensor) -> list[tuple[int, ...]]:
        """Of the noise of each item."""
        _, *inner, frames = like.shape
        lengths = [frames] * len(self.generators) if self.lengths is None else self.lengths
        return [(*inner, length) for length in lengths]


class BatchNoise:
    """Noise of a whole batch from one generator: an item's noise depends on its place.

    Args:
        generator: None for the global generator of PyTorch.
    """

    def __init__(self, generator: Generator | None = None) -> None:
        self.generator = generator
        self._paths: list[BrownianPath] = []

    def gaussian(self, like: Tensor) -> Tensor:
        """See `NoiseSource`."""
        return draws.gaussian(like.new_empty(like.shape), self.generator)

    def brownian(self, like: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """See `NoiseSource`."""
        if not self._paths:
            self._paths = [BrownianPath(_whole(self.generator), like.shape[1:]) for _ in range(len(like))]
        return _walked(self._paths, like, start, end)


def noise_source(generator: Generator | int | Sequence[int | Generator] | None) -> NoiseSource:
    """The source that a seed, a generator, or a list of them (one an item) means; None is the global generator."""
    if generator is None or isinstance(generator, Generator):
        return BatchNoise(generator)
    if isinstance(generator, int):
        return BatchNoise(seeded(generator))
    return ItemNoise(generator)


def seeded(seed: int) -> Generator:
    """A generator of the CPU.

    Args:
        seed: a whole number of 64 bits.
    """
    try:
        return Generator().manual_seed(seed)
    except (RuntimeError, TypeError, ValueError) as error:
        raise NoiseError(f"A seed must be an integer of 64 bits, got {seed!r}") from error


def _walked(paths: list[BrownianPath], like: Tensor, start: Tensor, end: Tensor) -> Tensor:
    _check(len(paths), like)
    # The time of the paths is the logarithm, in which these samplers take about equal steps.
    begins, ends = (-start.double().log()).tolist(), (-end.double().log()).tolist()
    gains = [path.gain(a, b) / (b - a) ** 0.5 for path, a, b in zip(paths, begins, ends, strict=True)]
    return _stacked(gains, like)


def _stacked(items: Sequence[Tensor], like: Tensor) -> Tensor:
    """Items in a batch, with zeros behind shorter ones."""
    frames = like.shape[-1]
    padded = [item if item.shape[-1] == frames else F.pad(item, (0, frames - item.shape[-1])) for item in items]
    return torch.stack(padded).to(like)


def _whole(generator: Generator | None) -> int:
    device = "cpu" if generator is None else generator.device
    return int(torch.randint(2**62, (1,), generator=generator, device=device))


def _check(count: int, like: Tensor) -> None:
    if len(like) != count:
        raise NoiseError(f"There are {count} seeds or generators for a batch of {len(like)}: give one an item")
