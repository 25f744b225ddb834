"""Which item comes at which place of which epoch, and which process takes it.

All of it is a pure function of seed and epoch, so a run can stop anywhere and go on, on any number of workers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Items = NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Items of one folder."""

    first: int
    count: int
    weight: float = 1.0
    """How often each comes in an epoch, on average."""


@dataclass(frozen=True)
class Order:
    """The sequence of items of an epoch.

    A group gives its items in turn: each of its permutations is used up before the next begins, over the ends of
    epochs, so with a weight of 0.5 the second epoch brings the other half, and with a weight of 1 every epoch brings
    every item exactly once.
    """

    groups: tuple[Group, ...]
    seed: int
    shuffle: bool
    samples_per_epoch: int | None = None

    @property
    def shares(self) -> list[int]:
        """Items that each group gives to an epoch."""
        exact = [group.weight * group.count for group in self.groups]
        if self.samples_per_epoch is None:
            return [max(1, round(share)) if share else 0 for share in exact]
        scaled = [share * self.samples_per_epoch / sum(exact) for share in exact]
        shares = [int(share) for share in scaled]
        rest = sorted(range(len(scaled)), key=lambda i: shares[i] - scaled[i])
        for i in rest[: self.samples_per_epoch - sum(shares)]:
            shares[i] += 1
        return shares

    def __len__(self) -> int:
        return sum(self.shares)

    def epoch(self, epoch: int) -> Items:
        """Items of an epoch, in order."""
        parts = [
            self._stream(number, group, epoch * share, share)
            for number, (group, share) in enumerate(zip(self.groups, self.shares, strict=True))
        ]
        items = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        if self.shuffle and len(parts) > 1:
            generator(self.seed, "epoch", epoch).shuffle(items)
        return items

    def _stream(self, number: int, group: Group, start: int, count: int) -> Items:
        """A stretch of the endless sequence of permutations of a group."""
        if not count:
            return np.zeros(0, np.int64)
        first, last = start // group.count, (start + count - 1) // group.count
        permutations = [self._permutation(number, group, turn) for turn in range(first, last + 1)]
        offset = start - first * group.count
        return np.concatenate(permutations)[offset : offset + count]

    def _permutation(self, number: int, group: Group, turn: int) -> Items:
        items = np.arange(group.first, group.first + group.count, dtype=np.int64)
        if self.shuffle:
            generator(self.seed, "group", number, turn).shuffle(items)
        return items


def generator(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """Random numbers that depend on the seed, what they are for, and where."""
    return np.random.default_rng([seed, *purpose.encode(), *numbers])


def length_buckets(lengths: NDArray[np.float64], count: int) -> Items:
    """Number of the bucket of each item: about equally many in each, from short to long."""
    ranks = np.argsort(np.argsort(lengths, kind="stable"), kind="stable")
    return ranks * count // max(1, len(lengths))


def by_bucket(items: Items, buckets: Items, size: int) -> Items:
    """Places of an epoch, rearranged so that each stretch of `size` comes from one bucket.

    A stretch stands where its last member stood; what fills no stretch comes at the end, ordered by bucket.
    """
    waiting: dict[int, list[int]] = {}
    places: list[int] = []
    for place, bucket in enumerate(buckets[items].tolist()):
        members = waiting.setdefault(bucket, [])
        members.append(place)
        if len(members) == size:
            places += waiting.pop(bucket)
    return np.array([*places, *(place for bucket in sorted(waiting) for place in waiting[bucket])], np.int64)


@dataclass(frozen=True)
class Share:
    """The part of an epoch that one process takes.

    A batch of all processes together is a stretch of the epoch, dealt out in turn. So no place is taken twice, and
    none is lost unless `drop_last` leaves out the last, incomplete stretch. With it every process has the same number
    of batches; without it, some may have one less.
    """

    batch_size: int
    drop_last: bool
    rank: int = 0
    world_size: int = 1

    @property
    def stretch(self) -> int:
        """Places that a batch of all processes takes."""
        return self.batch_size * self.world_size

    def count(self, length: int) -> int:
        """Batches of an epoch with so many places."""
        whole, rest = divmod(length, self.stretch)
        return whole if self.drop_last else whole + (rest > self.rank)

    def places(self, number: int, length: int) -> range:
        """Places of a batch."""
        start = number * self.stretch
        return range(start + self.rank, min(start + self.stretch, length), self.world_size)
