from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from narrows.data.order import Group, Order, Share, by_bucket, length_buckets


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 5), st.booleans())
def test_an_epoch_brings_every_item_once(counts: list[int], epoch: int, shuffle: bool) -> None:
    starts = np.cumsum([0, *counts])
    groups = tuple(Group(int(s), c) for s, c in zip(starts, counts, strict=False))
    items = Order(groups, 7, shuffle).epoch(epoch)
    assert sorted(items.tolist()) == list(range(sum(counts)))
    assert shuffle or items.tolist() == list(range(sum(counts)))


@given(st.integers(1, 20), st.sampled_from([0.25, 0.5, 1.5, 2.0, 3.0]))
def test_weights_count_over_the_epochs(count: int, weight: float) -> None:
    order = Order((Group(0, count, weight), Group(count, 4)), 1, True)
    drawn = Counter(np.concatenate([order.epoch(epoch) for epoch in range(8)]).tolist())
    times = [drawn[item] for item in range(count)]
    assert max(times) - min(times) <= 1
    assert sum(times) == 8 * order.shares[0]
    assert [drawn[item] for item in range(count, count + 4)] == [8] * 4


@given(st.integers(1, 50), st.integers(1, 200))
def test_samples_per_epoch_is_kept(count: int, wanted: int) -> None:
    order = Order((Group(0, count), Group(count, 3, 2.0)), 1, True, wanted)
    assert len(order) == len(order.epoch(3)) == wanted


@given(st.integers(1, 100), st.integers(1, 7), st.integers(1, 5), st.booleans())
def test_ranks_share_without_loss_or_doubling(length: int, size: int, world: int, drop_last: bool) -> None:
    shares = [Share(size, drop_last, rank, world) for rank in range(world)]
    parts = [[share.places(k, length) for k in range(share.count(length))] for share in shares]
    places = [place for part in parts for batch in part for place in batch]
    assert len(places) == len(set(places))
    if drop_last:
        assert {len(part) for part in parts} == {length // (size * world)}
        assert all(len(batch) == size for part in parts for batch in part)
    else:
        assert sorted(places) == list(range(length))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(st.integers(1, 100), st.integers(1, 6), st.integers(1, 8))
def test_buckets_rearrange_and_hold_similar_lengths(count: int, buckets: int, size: int) -> None:
    lengths = np.random.default_rng(0).random(count)
    numbers = length_buckets(lengths, buckets)
    items = np.random.default_rng(1).permutation(count)
    places = by_bucket(items, numbers, size)
    assert sorted(places.tolist()) == list(range(count))
    full = sum(int(n) // size for n in np.bincount(numbers))
    for start in range(0, full * size, size):
        assert len(set(numbers[items[places[start : start + size]]].tolist())) == 1
