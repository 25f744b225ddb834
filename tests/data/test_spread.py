"""The samples of an update are the same for every number of processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from narrows.data import DataError, ShardWriter, create_dataloader_from_config
from narrows.data.order import Group, Order
from narrows.data.permuted_order import PermutedOrder
from narrows.data.plans import UpdatePlan
from narrows.data.spread import Spread


def fits(size: int, batch_size: int, processes: int) -> bool:
    try:
        Spread(size, batch_size, 0, processes)
    except DataError:
        return False
    return True


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 12), st.integers(0, 3))
def test_every_sample_of_an_update_has_one_process(size: int, batch_size: int, processes: int, update: int) -> None:
    if not fits(size, batch_size, processes):
        return
    spreads = [Spread(size, batch_size, rank, processes) for rank in range(processes)]
    count = spreads[0].count
    shares = [s.samples(5, update * count + part) for s in spreads for part in range(count)]
    assert sorted(n for share in shares for n in share) == list(range(5 + update * size, 5 + (update + 1) * size))
    assert all(1 <= len(share) <= batch_size for share in shares)
    assert spreads[0].before(update * count) == update * size


@given(st.integers(1, 30), st.integers(1, 30))
def test_an_even_spread_has_as_many_batches_as_it_must(batch_size: int, processes: int) -> None:
    spread = Spread(3 * batch_size * processes, batch_size, 0, processes)
    assert spread.is_even
    assert (spread.count, set(spread.sizes())) == (3, {batch_size})


def test_a_refusal_says_what_works() -> None:
    with pytest.raises(DataError, match=r"3 processes cannot share 4 samples .* Write batch_size=2, or start 1, 2, 4"):
        Spread(4, 1, 0, 3)
    with pytest.raises(DataError, match=r"Write start 1, 2, 3, 4, 5, 6 processes"):
        Spread(6, 8, 0, 9)


def taken(make: Any, updates: int, plan: list[tuple[int, int]], size: int) -> list[list[Any]]:
    """The samples of each update, of all processes, when the number of processes changes on the way."""
    found: list[list[Any]] = []
    state = None
    for processes, until in plan:
        loaders = [make(rank, processes) for rank in range(processes)]
        for loader in loaders:
            if state is not None:
                loader.load_state_dict(state)
        streams = [iter(loader) for loader in loaders]
        for _ in range(until - len(found)):
            update: list[Any] = []
            for rank, loader in enumerate(loaders):
                for _ in range(loader.batches_per_update):
                    batch = next(streams[rank], None)
                    if batch is None:  # an epoch of shards is over
                        streams[rank] = iter(loader)
                        batch = next(streams[rank])
                    update += batch
                    if hasattr(loader, "advance"):
                        loader.advance()
            assert len(update) == size
            found.append(sorted(update))
        states = [loader.state_dict() for loader in loaders]
        state = states[0]
        assert all(other == state for other in states)
    assert len(found) == updates
    return found


@pytest.mark.parametrize("kind", [Order, PermutedOrder])
@pytest.mark.parametrize("drop_last", [True, False])
@pytest.mark.parametrize("buckets", [False, True])
def test_two_then_three_then_one_process_take_what_one_takes(kind: Any, drop_last: bool, buckets: bool) -> None:
    order = kind((Group(0, 13), Group(13, 4, 2.0)), 3, True)
    lengths = np.arange(17) % 3 if buckets else None

    def make(rank: int, processes: int) -> UpdatePlan:
        return UpdatePlan(order, Spread(5, 3, rank, processes), drop_last, lengths)

    alone = taken(make, 12, [(1, 12)], 5)
    assert taken(make, 12, [(2, 3), (3, 7), (1, 12)], 5) == alone
    epoch = 20 if drop_last else 21  # 13 + 4 * 2 samples
    places = [(key.epoch, key.place) for update in alone for key in update]
    assert len(set(places)) == 60
    assert max(place for _, place in places) < len(order)
    assert sum(first == 0 for first, _ in places) == epoch


def test_a_position_of_an_earlier_release() -> None:
    plan = UpdatePlan(Order((Group(0, 10),), 0, True), Spread(4, 2), True)
    plan.load_state_dict({"epoch": 2, "batch": 1, "stretch": 4})
    assert plan.state_dict() == {"sample": 2 * 8 + 4}


def test_an_epoch_that_is_smaller_than_an_update_goes_on_with_the_next() -> None:
    plan = UpdatePlan(Order((Group(0, 3),), 0, True), Spread(4, 2), True)
    plan.check()
    batches = iter(plan)
    keys = [key for _ in range(6) for key in next(batches)]
    assert [key.epoch for key in keys] == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert sorted(key.item for key in keys[:3]) == [0, 1, 2]


class Paths:
    """The names in the batches of a loader."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["loader"], name)

    def __iter__(self) -> Any:
        for _, infos in self.loader:
            yield [info["path"] for info in infos]


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    folder = tmp_path / "shards"
    soundfile.write(tmp_path / "a.wav", np.full(64, 0.1), 8000)
    with ShardWriter(folder, max_samples=3) as writer:
        for sample in range(18):
            writer.write(f"{sample:02d}", {"wav": (tmp_path / "a.wav").read_bytes()})
    return folder


def shard_loader(folder: Path, batch_size: int, rank: int, processes: int, **options: Any) -> Paths:
    data = {"dataset_type": "wds", "datasets": [{"id": "a", "path": str(folder)}], "streams": 3, "epoch_steps": 5}
    shape = {"batch_size": batch_size, "sample_size": 64, "sample_rate": 8000, "audio_channels": 1, "num_workers": 0}
    place = {"rank": rank, "world_size": processes, "update_size": 12}
    return Paths(create_dataloader_from_config({**data, **options}, **shape, **place, seed=1))


def test_shards_are_shared_by_any_number_that_divides_their_streams(shards: Path) -> None:
    whole = taken(lambda r, n: shard_loader(shards, 2, r, n), 9, [(2, 9)], 12)
    changed = taken(lambda r, n: shard_loader(shards, 4 if n == 1 else 2, r, n), 9, [(2, 2), (3, 5), (1, 9)], 12)
    assert changed == whole
    state = shard_loader(shards, 2, 0, 2).state_dict()
    with pytest.raises(DataError, match=r"4 processes cannot share 6 streams .* start 1, 2, 3, 6"):
        shard_loader(shards, 2, 0, 4).load_state_dict(state)


def test_shards_that_are_read_once_stay_with_their_processes(shards: Path) -> None:
    once = {"resampled_shards": False}
    state = shard_loader(shards, 2, 0, 2, **once).state_dict()
    with pytest.raises(DataError, match="start 2 processes, or set resampled_shards to true"):
        shard_loader(shards, 2, 0, 3, **once).load_state_dict(state)
    with pytest.raises(DataError, match="do not add up to an update of 12"):
        shard_loader(shards, 5, 0, 1, **once)
