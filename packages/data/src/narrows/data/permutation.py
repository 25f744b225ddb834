"""A random order of any number of items that is computed, not kept: a keyed permutation.

A generalised Feistel network on `a x b >= N` (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002): the
place is split into two digits, which in turn are shifted by a keyed hash of the other one. What falls outside `N` is
enciphered again until it falls inside ("cycle walking"); since `a x b` exceeds `N` by less than `a`, that is rare. Each
place costs the same, wherever it is and whatever came before it, so an order can be entered anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isqrt

import numpy as np
from numpy.typing import NDArray

Items = NDArray[np.int64]

ROUNDS = 10
"""Of the Feistel network; even, so that each digit is shifted equally often."""
LARGEST = 1 << 62
"""Items of the longest order."""


@dataclass(frozen=True)
class Permutation:
    """A random order of the numbers below `count`, the same for the same key wherever it is computed.

    Args:
        count: how many numbers.
        key: numbers that choose the order, each of them from 0.
    """

    count: int
    key: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.count <= LARGEST:
            raise ValueError(f"an order is of 0 to 2^62 items, not of {self.count}")

    def __len__(self) -> int:
        return self.count

    def __call__(self, places: Items) -> Items:
        """The numbers that stand at places of the order.

        Raises:
            IndexError: a place is not in it.
        """
        places = np.asarray(places, np.int64)
        if places.size and not (places.min() >= 0 and places.max() < self.count):
            raise IndexError(f"places of an order of {self.count} items are 0 to {self.count - 1}")
        found = self._rounds(places.astype(np.uint64))
        while (outside := found >= np.uint64(self.count)).any():
            found[outside] = self._rounds(found[outside])
        return found.astype(np.int64)

    def _rounds(self, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
        high_count, low_count = self._digits
        high, low = values // low_count, values % low_count
        for number, key in enumerate(self._keys):
            if number % 2:
                low = (low + _hashed(high, key) % low_count) % low_count
            else:
                high = (high + _hashed(low, key) % high_count) % high_count
        return (high * low_count + low).astype(np.uint64, copy=False)

    @cached_property
    def _digits(self) -> tuple[np.uint64, np.uint64]:
        """How many values the two digits have; their product is at least the number of items."""
        high = isqrt(max(0, self.count - 1)) + 1
        return np.uint64(high), np.uint64(max(1, -(-self.count // high)))

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return np.random.SeedSequence(self.key).generate_state(ROUNDS, np.uint64).astype(np.uint64)


def _hashed(values: NDArray[np.uint64], key: np.uint64) -> NDArray[np.uint64]:
    """Steele, Lea and Flood's SplitMix64 (2014), as a keyed hash."""
    mixed = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + key
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
