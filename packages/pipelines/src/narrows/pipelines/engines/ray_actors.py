"""What runs on the machines of a Ray cluster: readers, workers, and a ledger of what they have in hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import ray
import torch
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from narrows.configs import NarrowsError
from narrows.pipelines.engines.jobs import Job
from narrows.pipelines.engines.kinds import Kind

BLOCKS_AHEAD = 2
"""Blocks of a unit that wait in the object store."""
UNITS_AT_ONCE = 2
"""Units of a worker: one at work, of one more the first blocks are read."""


@dataclass(frozen=True)
class Died:
    """A try that lost its reader, or that memory did not suffice for."""

    stage: str


@dataclass(frozen=True)
class Failed:
    """A try that an error ended, which a further one would meet again."""

    text: str


@dataclass(frozen=True)
class Hand:
    """A try, seen from the process that has it; implements `Attempt`."""

    number: int
    unit: int
    careful: bool
    aside: Mapping[str, str]
    ledger: Any
    stage: str = "worker"

    def holds(self, items: Sequence[str]) -> None:
        """Note it where it outlives this process."""
        ray.get(self.ledger.holds.remote(self.number, self.stage, tuple(items)))

    def may_commit(self) -> bool:
        """Ask the ledger."""
        return bool(ray.get(self.ledger.may_commit.remote(self.number, self.unit)))

    def wanted(self) -> bool:
        """Ask the ledger."""
        return bool(ray.get(self.ledger.wanted.remote(self.number, self.unit)))

    def opened(self, items: int) -> None:
        """The driver counts units."""

    def advance(self, items: int, seconds: float) -> None:
        """Tell the ledger, without waiting."""
        self.ledger.add.remote({"items": items, self.stage: seconds})


class Ledger:
    """What outlives readers and workers: what each has in hand, who commits, how much is done."""

    def __init__(self) -> None:
        self._hands: dict[tuple[int, str], tuple[str, ...]] = {}
        self._committers: dict[int, int] = {}
        self._counts: Counter[str] = Counter()

    def holds(self, number: int, stage: str, items: tuple[str, ...]) -> None:
        """Note what a process has in hand."""
        self._hands[number, stage] = items

    def hand(self, number: int, stage: str) -> tuple[str, ...] | None:
        """What it had; None before it began."""
        return self._hands.get((number, stage))

    def may_commit(self, number: int, unit: int) -> bool:
        """Whether a try is the first that asks."""
        return self._committers.setdefault(unit, number) == number

    def wanted(self, number: int, unit: int) -> bool:
        """Whether no other try was first."""
        return self._committers.get(unit, number) == number

    def dead(self, number: int, unit: int) -> None:
        """A try that may have been committing is gone: another may."""
        if self._committers.get(unit) == number:
            del self._committers[unit]

    def add(self, counts: Mapping[str, float]) -> None:
        """Count what is done."""
        self._counts.update(counts)

    def counts(self) -> dict[str, float]:
        """What was counted."""
        return dict(self._counts)


class ReaderActor:
    """The reading stage in a process of its own."""

    def __init__(self, job: Job, folder: str) -> None:
        _enter(folder)
        reader = job.reader()
        assert reader is not None
        self._job, self._reader = job, reader

    def read(self, unit: Any, hand: Hand) -> Iterator[Any]:
        """The blocks of a unit; Ray asks for the next ones only while few wait."""
        for block in self._reader.start(unit, hand):
            hand.advance(0, self._job.seconds_of(block))
            yield packed(block)


class WorkerActor:
    """The stage with the model, and its reader on the same machine."""

    def __init__(self, job: Job, device: str, threads: int, ledger: Any, folder: str) -> None:
        _enter(folder)
        self._job, self._ledger, self._folder = job, ledger, folder
        # One thread computes: torch keeps a team of threads for each that does.
        self._computing = ThreadPoolExecutor(1)
        self._worker: Any = self._computing.submit(job.worker, torch.device(device), threads).result()
        self._reader: Any = None

    def where(self) -> tuple[str, Kind]:
        """The machine, and what this worker computes with."""
        return ray.get_runtime_context().get_node_id(), self._worker.kind

    def work(self, unit: Any, hand: Hand) -> Any:
        """Do a unit; its first blocks are read while another is at work."""
        if not self._job.stages[0]:
            return self._computing.submit(self._do, unit, (), hand, None).result()
        reader = self._living_reader()
        blocks = reader.read.options(num_returns="streaming", _generator_backpressure_num_objects=BLOCKS_AHEAD).remote(
            unit, replace(hand, stage="reader")
        )
        return self._computing.submit(self._do, unit, blocks, hand, reader).result()

    def _do(self, unit: Any, blocks: Any, hand: Hand, reader: Any) -> Any:
        hand.holds(())
        try:
            return packed(self._worker.work(unit, (unpacked(ray.get(ref)) for ref in blocks), hand))
        except RayTaskError as error:
            return Failed(text_of(error.cause))
        except RayError:
            if self._reader is reader:
                self._reader = None
            return Died("reader")
        except (MemoryError, torch.OutOfMemoryError):
            return Died("worker")
        except NarrowsError as error:
            return Failed(text_of(error))

    def _living_reader(self) -> Any:
        if self._reader is None:
            here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
            options = {"num_cpus": 0, "max_concurrency": UNITS_AT_ONCE, "scheduling_strategy": here}
            self._reader = ray.remote(ReaderActor).options(**options).remote(self._job, self._folder)
        return self._reader


def packed(value: Any) -> Any:
    """Tensors as arrays, which the object store shares without a copy."""
    return _mapped(value, torch.Tensor, lambda tensor: _Array(tensor.numpy()))


def unpacked(value: Any) -> Any:
    """Undo `packed`; the store's memory is let go."""
    return _mapped(value, _Array, lambda held: torch.from_numpy(held.array.copy()))


@dataclass(frozen=True)
class _Array:
    array: np.ndarray[Any, Any]


def _mapped(value: Any, kind: type, change: Any) -> Any:
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(one, kind, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        items = [_mapped(one, kind, change) for one in value]
        return items if isinstance(value, list) else type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


def _enter(folder: str) -> None:
    """Relative paths mean what they mean to the command."""
    if os.path.isdir(folder):  # noqa: PTH112
        os.chdir(folder)


def text_of(error: BaseException) -> str:
    """What an error says, with its type where it is not one of ours."""
    return str(error) if isinstance(error, NarrowsError) else f"{type(error).__name__}: {error}"
