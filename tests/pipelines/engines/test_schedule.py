"""Every unit is done once, whoever dies; and who kills workers is found out."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.pipelines.engines import EngineError, Kind
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.engines.schedule import MOST_DEATHS, Death, Schedule, Try
from narrows.pipelines.pre_encode import PreEncodeError
from narrows.pipelines.pre_encode.binding import bind_kind
from narrows.pipelines.progress import Progress


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(1, 5), st.integers(0, 2**32))
def test_every_unit_is_done_once(sizes: list[int], workers: int, seed: int) -> None:
    draw, count = random.Random(seed), len(sizes)
    schedule, done = Schedule(count, sizes), list[int]()
    busy: list[list[Try]] = [[] for _ in range(workers)]
    for _ in range(100_000):
        if schedule.finished:
            break
        for tries in busy:
            if len(tries) < 2 and (one := schedule.next(tries)) is not None:
                tries.append(one)
        tries = draw.choice(busy)
        if not tries:
            continue
        if draw.random() < 0.2:
            for one in tries:
                schedule.died(one, Death("machine", None))
            tries.clear()
            continue
        one = tries.pop(draw.randrange(len(tries)))
        if schedule.ended(one, True):
            done.append(one.unit)
    assert sorted(done) == list(range(count))


def test_idle_workers_try_again_what_takes_longest() -> None:
    schedule = Schedule(2)
    first, second = schedule.next([]), schedule.next([])
    assert first is not None
    assert second is not None
    third = schedule.next([])
    assert third is not None
    assert third.unit == first.unit
    assert schedule.ended(third, True)
    assert not schedule.ended(first, True)


def test_the_longest_go_first_and_a_lost_one_before_them() -> None:
    schedule = Schedule(4, [1.0, 3.0, 1.0, 9.0])
    first = schedule.next([])
    assert first is not None
    assert first.unit == 3
    schedule.died(first, None)
    begun = [schedule.next([]) for _ in range(4)]
    assert [one.unit for one in begun if one is not None] == [3, 1, 0, 2]


def dies(schedule: Schedule, machine: str, suspects: tuple[str, ...] | None) -> bool:
    """The next try loses its process; whether it had a worker for itself."""
    one = schedule.next([])
    assert one is not None
    schedule.died(one, Death(machine, suspects))
    return one.careful


def test_who_was_in_hand_three_times_is_set_aside() -> None:
    schedule = Schedule(1)
    # Of the first death nobody knows what was in hand, and between two clips nothing is: others may have killed it.
    for suspects in (None, ("b",), ("a",), None, ("b",)):
        dies(schedule, "m", suspects)
        assert schedule.to_set_aside(0, [], ["a", "b"]) == []
    assert dies(schedule, "other", ("b",))
    assert schedule.to_set_aside(0, [], ["a", "b"]) == ["b"]
    # A machine that was lost is no clip's fault.
    assert schedule.to_set_aside(0, ["other"], ["a", "b"]) == []


@pytest.mark.parametrize("suspects", [[None], [("a",), ("b",), ("c",), ("d",), ("e",)]], ids=["unknown", "changing"])
def test_a_unit_that_dies_on_and_on_is_set_aside_whole(suspects: list[tuple[str, ...] | None]) -> None:
    schedule = Schedule(1)
    for index in range(MOST_DEATHS):
        assert schedule.to_set_aside(0, [], ["a", "b"]) == []
        dies(schedule, "m", suspects[index % len(suspects)])
    assert schedule.to_set_aside(0, [], ["a", "b"]) == ["a", "b"]


def test_a_folder_is_bound_to_a_kind_of_worker(tmp_path: Path) -> None:
    kind = Kind("0.1.0", "2.13.0", "a processor", "cpu", 2, "abc")
    bind_kind(tmp_path, kind, complete=False)
    bind_kind(tmp_path, kind, complete=False)
    for other, said in [
        (replace(kind, torch="2.12.0"), "torch is 2.12.0 and not 2.13.0"),
        (replace(kind, narrows="0.2.0"), "Narrows is 0.2.0 and not 0.1.0"),
        (replace(kind, model="def"), "the model's hash is def and not abc"),
        (replace(kind, threads=1), "threads is 1 and not 2"),
    ]:
        with pytest.raises(PreEncodeError, match=said):
            bind_kind(tmp_path, other, complete=False)
    bind_kind(tmp_path, replace(kind, threads=1), complete=True)
    bind_kind(tmp_path, replace(kind, threads=1), complete=False)


def run(cluster: Cluster) -> None:
    nothing: Any = None
    list(
        run_on_ray(nothing, [0], cluster, agree=nothing, aside={}, on_aside=nothing, progress=Progress(1, shown=False))
    )


def test_a_missing_ray_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineError, match=r"pip install 'narrows\[ray\]'"):
        run(Cluster())


def test_the_client_protocol_is_refused() -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    with pytest.raises(EngineError, match="client protocol"):
        run(Cluster("ray://10.0.0.1:10001"))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"narrows": "0.2.0"}, "Narrows is 0.2.0 and not 0.1.0"),
        ({"torch": "2.12.0"}, "torch is 2.12.0 and not 2.13.0"),
        ({"model": "xyz"}, "the model's hash is xyz and not abc"),
        ({"processor": "another", "threads": 4}, "processor is another and not a processor; threads is 4 and not 2"),
    ],
)
def test_a_worker_of_another_kind_is_named_and_gets_no_work(other: dict[str, Any], named: str) -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    from narrows.pipelines.engines import on_ray, ray_actors

    kind = Kind("0.1.0", "2.13.0", "a processor", "cpu", 2, "abc")
    given: list[str] = []

    def slot(name: str, own: Kind) -> Any:
        def work(unit: str, hand: Any) -> str:
            given.append(f"{name} {unit}")
            return f"{name} {unit}"

        actor = SimpleNamespace(work=SimpleNamespace(remote=work))
        return on_ray._Slot(actor, None, f"machine-{name}", own)

    notes: list[str] = []
    agreed: list[Kind] = []
    run: Any = object.__new__(on_ray._Run)
    run._actors, run._kind, run._failed_starts, run._aside, run._ledger = ray_actors, None, 0, {}, None
    run._agree, run._progress = agreed.append, SimpleNamespace(note=notes.append)
    run._units, run._schedule = ["a", "b", "c"], Schedule(3)
    run._slots = [slot("first", kind), slot("same", kind), slot("other", replace(kind, **other))]
    for one in run._slots:
        run._judge(one)
    run._hand_out()
    assert agreed == [kind]
    assert [one.refused for one in run._slots] == [False, False, True]
    assert notes == [f"A worker on machine machine- is refused: {named}."]
    assert given == ["first a", "same b", "first c"]
