"""The Brownian path of k-diffusion's stochastic samplers, number for number.

They draw from `torchsde.BrownianTree`: a path over the range of noise, refined by halving, whose values are determined
by one seed. This does the same sums from the same draws, without that package.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Generator, Tensor

DIGITS = 6
"""Decimals that times are rounded to, torchsde's tolerance of 1e-6."""
POOL = 24
"""Words of entropy of a seed sequence."""


class BrownianTree:
    """A path from 0 over an interval.

    Args:
        start: of the interval.
        end: of the interval.
        like: gives shape, type and device of the values.
        seed: determines the path.
    """

    def __init__(self, start: float, end: float, like: Tensor, seed: int) -> None:
        self.start, self.end = round(start, DIGITS), round(end, DIGITS)
        self.like, self.seed = like, seed
        self.whole = self._drawn(()) * math.sqrt(end - start)
        self._known: dict[float, Tensor] = {self.start: torch.zeros_like(like, dtype=torch.float64)}

    def gain(self, start: float, end: float) -> Tensor:
        """What the path gains between two times, in either order, inside the interval."""
        gained = (self._value(end) - self._value(start)).to(self.like.dtype)
        # The next step starts where this one ends: no other value is asked for again.
        self._known = {time: value for time, value in self._known.items() if time in (self.start, self._inside(end))}
        return gained

    def _inside(self, time: float) -> float:
        return round(min(max(time, self.start), self.end), DIGITS)

    def _value(self, time: float) -> Tensor:
        time = self._inside(time)
        if time not in self._known:
            total = torch.zeros_like(self.like, dtype=torch.float64)
            for part in self._parts(time):
                total += part
            self._known[time] = total
        return self._known[time]

    def _parts(self, time: float) -> Iterator[Tensor]:
        """Increments of the intervals that make up the way from the start to a time."""
        low, high, gain = self.start, self.end, self.whole
        key, depth = 0, 0
        while time != high:
            middle = round(0.5 * (low + high), DIGITS)
            left, right = middle - low, high - middle
            share = 1 / (high - low)
            bend = math.sqrt(left * right * share) * self._drawn((key, depth))
            first = left * gain * share + bend
            if time > middle:
                yield first
                low, gain, key = middle, gain - first, 2 * key + 1
            else:
                high, gain, key = middle, first, 2 * key
            depth += 1
        yield gain

    def _drawn(self, place: Sequence[int]) -> Tensor:
        """Gaussian noise of a node: of the whole, or of the halving of the interval at a place."""
        words = np.random.SeedSequence(entropy=self.seed, spawn_key=tuple(place), pool_size=POOL).generate_state(4)
        generator = Generator(self.like.device).manual_seed(int(words[0]))
        return torch.randn(self.like.shape, dtype=self.like.dtype, device=self.like.device, generator=generator)


class ReferenceNoise:
    """The draws of stable-audio-tools and k-diffusion: from the global generator, in the signal's type.

    Args:
        sigma_min: least noise above 0 of the schedule.
        sigma_max: most noise.
    """

    def __init__(self, sigma_min: float = 0.0, sigma_max: float = 0.0) -> None:
        self.sigma_min, self.sigma_max = sigma_min, sigma_max
        self._tree: BrownianTree | None = None

    def plant(self, like: Tensor) -> None:
        """Draw the seed of the path, which k-diffusion does before its first step."""
        seed = int(torch.randint(0, 2**63 - 1, []).item())
        self._tree = BrownianTree(self.sigma_min, self.sigma_max, like, seed)

    def gaussian(self, like: Tensor) -> Tensor:
        """`torch.randn_like`."""
        return torch.randn_like(like)

    def brownian(self, like: Tensor, start: Tensor, end: Tensor) -> Tensor:
        """See `NoiseSource`; all items have the same levels."""
        if self._tree is None:
            self.plant(like)
        assert self._tree is not None
        high, low = float(start[0].float()), float(end[0].float())
        return self._tree.gain(high, low) / math.sqrt(abs(high - low))
