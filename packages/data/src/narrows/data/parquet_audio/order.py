"""An order of rows that reads row group by row group, and yet mixes.

Row groups are put in order by a keyed permutation, the rows of each by another. The row of all of them is cut into
lanes of equal length that are taken in turn: neighbouring clips come from as many row groups as there are lanes, and
each row group is read once a turn (one that lies on the border of two lanes twice). Processes whose number divides the
lanes take lanes of their own; but whatever their number, the order is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.order import Items
from narrows.data.permuted_order import permutation

GROUPS, ROWS = 2, 3
"""What a permutation is for; others are in `narrows.data.permuted_order`."""


class GroupSequence(NamedTuple):
    """Row groups in the order of a turn."""

    groups: Items
    ends: Items
    """Rows up to the end of each."""


class RowGroupTurns:
    """The order of rows within a data set, one turn through all of them after the other.

    Args:
        sizes: rows of each row group, by data set.
        seed: chooses the order.
        lanes: how many row groups are taken from in turn.
    """

    def __init__(self, sizes: Sequence[NDArray[np.int64]], seed: int, lanes: int) -> None:
        self._sizes = [np.asarray(of_set, np.int64) for of_set in sizes]
        self._starts = [np.cumsum(of_set) - of_set for of_set in self._sizes]
        self._seed, self._lanes = seed, lanes
        self._in_order = lru_cache(4)(self._order_of_groups)

    def __call__(self, group: int, turn: int, places: Items) -> Items:
        """Rows, counted from the data set's first, at places of a turn."""
        order = self._in_order(group, turn)
        along = self._along(places, int(order.ends[-1]))
        at = np.searchsorted(order.ends, along, "right")
        items = np.empty_like(places)
        for position in np.unique(at).tolist():
            inside = at == position
            number = int(order.groups[position])
            size = int(self._sizes[group][number])
            offset = along[inside] - (int(order.ends[position]) - size)
            rows = permutation(size, self._seed, ROWS, group, turn, number)(offset)
            items[inside] = rows + self._starts[group][number]
        return items

    def _along(self, places: Items, total: int) -> Items:
        """Places in the row of all row groups: lane by lane in turn, then what is left over."""
        length = total // self._lanes
        dealt: Items = places % self._lanes * length + places // self._lanes
        return np.where(places < length * self._lanes, dealt, places)

    def _order_of_groups(self, group: int, turn: int) -> GroupSequence:
        sizes = self._sizes[group]
        numbers = permutation(len(sizes), self._seed, GROUPS, group, turn)(np.arange(len(sizes)))
        return GroupSequence(numbers, np.cumsum(sizes[numbers]))
