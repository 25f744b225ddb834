from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.data.order import Group, Order, Share
from narrows.data.permutation import Permutation
from narrows.data.permuted_order import WINDOW, PermutedOrder


@given(st.integers(1, 3000), st.integers(0, 1 << 40))
def test_every_number_comes_once(count: int, key: int) -> None:
    found = Permutation(count, (key,))(np.arange(count))
    assert np.bincount(found, minlength=count).tolist() == [1] * count


@given(st.integers(2, 1 << 62), st.integers(0, 100), st.data())
def test_a_place_costs_no_walk_through_those_before(count: int, key: int, data: st.DataObject) -> None:
    places = np.array(data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=20, unique=True)))
    order = Permutation(count, (key,))
    found = order(places)
    assert len(set(found.tolist())) == len(places)
    assert found.min() >= 0
    assert found.max() < count
    assert [int(order(places[i : i + 1])[0]) for i in range(len(places))] == found.tolist()


def test_orders_are_spread_evenly() -> None:
    """Of 5! orders each comes about as often, and neighbours of a long one are no neighbours before."""
    keys = 6000
    seen = np.zeros((5, 5))
    orders: dict[tuple[int, ...], int] = {}
    for key in range(keys):
        order = Permutation(5, (key,))(np.arange(5))
        seen[np.arange(5), order] += 1
        orders[tuple(order.tolist())] = orders.get(tuple(order.tolist()), 0) + 1
    assert len(orders) == 120
    # Chi-square with 119 degrees of freedom is above 180 once in 3,000 samples of an even distribution.
    assert sum((n - keys / 120) ** 2 / (keys / 120) for n in orders.values()) < 180
    long = Permutation(100_000, (1,))(np.arange(100_000))
    assert abs(np.corrcoef(long[:-1], long[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(np.arange(100_000), long)[0, 1]) < 0.02


def test_places_outside_and_absurd_counts_are_refused() -> None:
    with pytest.raises(IndexError, match="0 to 2"):
        Permutation(3, (0,))(np.array([3]))
    with pytest.raises(ValueError, match="0 to 2\\^62"):
        Permutation(-1, (0,))


groups = st.lists(st.tuples(st.integers(1, 3000), st.sampled_from([0.3, 0.5, 1.0, 2.0, 7.5])), min_size=1, max_size=5)


def order_of(parts: list[tuple[int, float]], samples: int | None = None, shuffle: bool = True) -> PermutedOrder:
    starts = np.cumsum([0, *(count for count, _ in parts)])
    members = tuple(Group(int(s), count, weight) for s, (count, weight) in zip(starts, parts, strict=False))
    return PermutedOrder(members, 3, shuffle, samples)


@given(groups, st.integers(0, 3), st.sampled_from([None, 1, 5000, 12345]), st.booleans())
def test_an_epoch_holds_what_the_listed_order_holds(
    parts: list[tuple[int, float]], epoch: int, samples: int | None, shuffle: bool
) -> None:
    order = order_of(parts, samples, shuffle)
    listed = Order(order.groups, 3, shuffle, samples)
    items = order.epoch(epoch)[np.arange(len(order))]
    borders = np.cumsum([0, *(count for count, _ in parts)])
    given_, wanted = (np.histogram(x, borders)[0].tolist() for x in (items, listed.epoch(epoch)))
    assert given_ == wanted == order.shares
    if not shuffle:
        assert items.tolist() == listed.epoch(epoch).tolist()


@settings(max_examples=20)
@given(groups)
def test_the_shares_are_exact_after_every_window(parts: list[tuple[int, float]]) -> None:
    order = order_of(parts, 60_000)
    items = order.epoch(1)[np.arange(len(order))]
    borders = np.cumsum([0, *(count for count, _ in parts)])
    numbers = np.searchsorted(borders, items, "right") - 1
    size = order._window
    assert size >= WINDOW
    for end in range(size, len(order) - size, size):
        drawn = np.bincount(numbers[:end], minlength=len(parts))
        assert (abs(drawn - np.array(order.shares) * end / len(order)) < 1 + 1e-9).all()


@given(st.integers(1, 700), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_permutation_of_a_group_is_used_up_before_the_next(count: int, weight: float) -> None:
    order = order_of([(count, weight), (300, 1.0)])
    drawn = np.bincount(order.at(np.arange(4 * len(order))), minlength=count + 300)
    assert drawn[:count].max() - drawn[:count].min() <= 1
    assert set(drawn[count:].tolist()) == {4}


@given(groups, st.integers(1, 6), st.integers(1, 8), st.integers(1, 5))
def test_the_order_is_a_function_of_the_sample_number(
    parts: list[tuple[int, float]], size: int, world: int, steps: int
) -> None:
    """The same samples come on every number of processes, and from the middle on as from the start."""
    order = order_of(parts)
    wanted = order.at(np.arange(3 * len(order)))[: size * world * steps]
    length = len(order)
    for world_size in {world, 1}:
        batch = size * world // world_size
        shares = [Share(batch, False, rank, world_size) for rank in range(world_size)]
        got: dict[int, int] = {}
        for share in shares:
            for number in range(min(steps, share.count(length))):
                places = np.array(share.places(number, length))
                got |= dict(zip(places.tolist(), order.epoch(0)[places].tolist(), strict=True))
        assert [got[place] for place in range(len(got))] == wanted[: len(got)].tolist()
    assert order.at(np.arange(5, 40)).tolist() == order.at(np.arange(60))[5:40].tolist()


def test_a_billion_clips_need_no_list() -> None:
    order = order_of([(10**9, 1.0), (3 * 10**8, 2.0), (1000, 50.0)])
    items = order.at(np.arange(12 * 10**8, 12 * 10**8 + 2000))
    assert len(set(items.tolist())) > 1990
    assert 0.55 < np.mean(items < 10**9) < 0.7
