"""The order of a data set of any size as a function of the sample's number: nothing is kept but the numbers of items.

It means what `narrows.data.order.Order` means: an epoch has a share of each group, and each permutation of a group is
used up before the next begins. Here every permutation is keyed (`narrows.data.permutation`), and groups are mixed
window by window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

import numpy as np

from narrows.data.order import Group, Items, Order
from narrows.data.permutation import Permutation

WINDOW = 4096
"""Samples after which the groups' shares are exact to within one; inside, their order is random."""


class OrderOptions(Protocol):
    """What of a loader's options an order needs."""

    @property
    def seed(self) -> int:
        """Chooses the order."""
        ...

    @property
    def shuffle(self) -> bool:
        """Whether it is random."""
        ...


class Turns(Protocol):
    """The order of a group's items in one turn through all of them."""

    def __call__(self, group: int, turn: int, places: Items) -> Items:
        """Items, counted from the group's first, at places of a turn; each stands at one place."""
        ...


class Window(NamedTuple):
    """A stretch of an epoch in which groups are mixed."""

    start: int
    size: int


@dataclass(frozen=True)
class PermutedOrder:
    """The sequence of items of all epochs.

    At the end of every window the samples of a group differ from its share by less than one; an epoch has exactly what
    `shares` says. With a weight of 1 every epoch brings every item exactly once.

    Args:
        groups: which follow one another in the numbers of items.
        seed: chooses the order.
        shuffle: false takes the groups one after the other, each from its first item on.
        samples_per_epoch: None takes every item as often as its weight says.
        turns: order within a group; None takes a permutation of all its items.
    """

    groups: tuple[Group, ...]
    seed: int
    shuffle: bool = True
    samples_per_epoch: int | None = None
    turns: Turns | None = None

    @cached_property
    def shares(self) -> list[int]:
        """Items that each group gives to an epoch."""
        return Order(self.groups, self.seed, True, self.samples_per_epoch).shares

    def __len__(self) -> int:
        return sum(self.shares)

    def epoch(self, epoch: int) -> PermutedEpoch:
        """Items of an epoch, by place."""
        return PermutedEpoch(self, epoch)

    def at(self, numbers: Items) -> Items:
        """Items of global sample numbers, counted from the first sample of the first epoch; any, in any order."""
        numbers = np.asarray(numbers, np.int64)
        items = np.empty_like(numbers)
        epochs = numbers // len(self)
        for epoch in np.unique(epochs).tolist():
            inside = epochs == epoch
            items[inside] = self.epoch(epoch)[numbers[inside] - epoch * len(self)]
        return items

    def in_epoch(self, epoch: int, places: Items) -> Items:
        """Items at places of an epoch."""
        if not self.shuffle:
            return self._in_turn(epoch, places)
        items = np.empty_like(places)
        windows = np.minimum(places // self._window, max(0, len(self) // self._window - 1))
        for number in np.unique(windows).tolist():
            inside = windows == number
            items[inside] = self._in_window(epoch, self._stretch(number), places[inside])
        return items

    def _in_window(self, epoch: int, window: Window, places: Items) -> Items:
        if len(self.groups) == 1:
            return self._of_group(0, epoch * self.shares[0] + places)
        mixed = permutation(window.size, self.seed, 1, epoch, window.start)(places - window.start)
        begun, ended = self._counts(window.start), self._counts(window.start + window.size)
        borders = np.cumsum([0, *(after - before for before, after in zip(begun, ended, strict=True))])
        groups = np.searchsorted(borders, mixed, "right") - 1
        items = np.empty_like(mixed)
        for group in np.unique(groups).tolist():
            inside = groups == group
            before = epoch * self.shares[group] + begun[group]
            items[inside] = self._of_group(group, before + mixed[inside] - borders[group])
        return items

    def _in_turn(self, epoch: int, places: Items) -> Items:
        ends = np.cumsum(self.shares)
        groups = np.searchsorted(ends, places, "right")
        first, count = np.array([(group.first, group.count) for group in self.groups]).T[:, groups]
        shares = np.array(self.shares)[groups]
        items: Items = first + (epoch * shares + places - (ends[groups] - shares)) % count
        return items

    def _of_group(self, number: int, places: Items) -> Items:
        """Items of the endless sequence of permutations of a group."""
        group = self.groups[number]
        turns = places // group.count
        items = np.empty_like(places)
        for turn in np.unique(turns).tolist():
            inside = turns == turn
            within = places[inside] - turn * group.count
            if self.turns is not None:
                items[inside] = self.turns(number, turn, within)
            else:
                items[inside] = permutation(group.count, self.seed, 0, number, turn)(within)
        return items + group.first

    def _counts(self, place: int) -> list[int]:
        """Samples of each group before the place of an epoch where a window ends; each within one of its share."""
        length = len(self)
        rounded = [(2 * total * place + length) // (2 * length) for total in accumulate(self.shares, initial=0)]
        return [after - before for before, after in pairwise(rounded)]

    @cached_property
    def _window(self) -> int:
        """So long that a group's rounded counts never fall."""
        smallest = min(share for share in self.shares if share)
        return max(WINDOW, -(-2 * len(self) // smallest))

    def _stretch(self, number: int) -> Window:
        start, after = number * self._window, (number + 1) * self._window
        # The last one takes the rest, so that it is not too short.
        return Window(start, (len(self) if after + self._window > len(self) else after) - start)


def order_of(
    kind: str, groups: Sequence[Group], options: OrderOptions, samples_per_epoch: int | None
) -> Order | PermutedOrder:
    """The order that a data set asks for.

    Args:
        kind: `shuffled`, which keeps a list of an epoch, or `permuted`, which computes it.
        groups: of items.
        options: with seed and shuffling.
        samples_per_epoch: None takes every item as often as its weight says.
    """
    make = PermutedOrder if kind == "permuted" else Order
    return make(tuple(groups), options.seed, options.shuffle, samples_per_epoch)


@lru_cache(256)
def permutation(count: int, *key: int) -> Permutation:
    """A permutation, by what it is for."""
    return Permutation(count, key)


@dataclass(frozen=True)
class PermutedEpoch:
    """Items of an epoch, seen as an array."""

    order: PermutedOrder
    number: int

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, places: Items) -> Items:
        return self.order.in_epoch(self.number, np.asarray(places, np.int64))
