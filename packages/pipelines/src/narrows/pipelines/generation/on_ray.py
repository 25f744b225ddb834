"""Batches of requests on a Ray cluster: the plan and the files are those of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, final

import torch
from torch import Tensor

from narrows.configs.storage import Storage
from narrows.models.codec import model_hash
from narrows.pipelines.engines import Attempt, Kind
from narrows.pipelines.engines.kinds import threads_of
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.generation.memory import told_memory
from narrows.pipelines.generation.run import Plan, Planned, missing_batches, sounds, write_sound
from narrows.pipelines.generation.storing import put_sound
from narrows.pipelines.progress import Progress

Load = Callable[[torch.device], Any]
"""Gives the model, prepared, on a device. It is pickled, so it is a function of a module, or a `partial` of one."""


class Batch(NamedTuple):
    """Requests that are worked on together, so that a worker gets its own only."""

    plan: Plan
    """Of this batch alone."""
    done: frozenset[int]
    """Positions of outputs that were there when the run began."""


@final
@dataclass(frozen=True)
class GenerationJob:
    """Makes sounds; its units are batches.

    Args:
        load: see `Load`.
        address: of a folder in a storage, where workers put the sounds; None for the paths of the plan.
    """

    load: Load
    address: str | None = None

    stages = ("", "generated")
    block_bytes = 0

    def reader(self) -> None:
        """Audio of requests is read when the plan is made."""

    def worker(self, device: torch.device, threads: int) -> BatchGenerator:
        """With the model."""
        with threads_of(threads):
            model = self.load(device)
        return BatchGenerator(model, Kind.here(device, threads, model_hash(model)), self.address)

    def seconds_of(self, block: Any) -> float:
        """There are no blocks."""
        return 0.0

    def sizes_of(self, units: Sequence[Batch]) -> list[float]:
        """Seconds of sound."""
        return [sum(output.item.request.seconds or 0.0 for output in unit.plan.outputs) for unit in units]

    def item_names(self, unit: Batch) -> Sequence[str]:
        """Files of the batch."""
        return [str(output.path) for output in unit.plan.outputs]


@final
class BatchGenerator:
    """Makes the sounds of a batch, which live or die together, and writes them.

    Args:
        model: of the plan.
        kind: what it computes with.
        address: see `GenerationJob`.
    """

    def __init__(self, model: Any, kind: Kind, address: str | None = None) -> None:
        self._model, self.kind, self._address = model, kind, address

    def work(self, unit: Batch, blocks: Iterator[Any], attempt: Attempt) -> int | None:
        """Make what is missing of a batch, nothing of one that is set aside; returns how many files were written."""
        plan = unit.plan
        names = [str(output.path) for output in plan.outputs]
        if not attempt.aside.keys().isdisjoint(names):
            return 0
        attempt.holds(names)
        with threads_of(self.kind.threads), told_memory():
            made = list(sounds(self._model, plan, plan.batches))
        if not attempt.may_commit():
            return None
        missing = [(plan.outputs[place], audio) for place, audio in made if place not in unit.done]
        rate = self._model.sample_rate
        written = sum(self._write(output, audio, rate) for output, audio in missing)
        attempt.advance(len(made), sum(audio.shape[-1] for _, audio in made) / rate)
        return written

    def _write(self, output: Planned, audio: Tensor, rate: int) -> bool:
        if self._address is None:
            return write_sound(output, audio, rate)
        with TemporaryDirectory(prefix="narrows-") as folder:
            here = replace(output, path=Path(folder) / output.path.name)
            write_sound(here, audio, rate)
            put_sound(Storage(), here.files, self._address)
        return True


def run_plan_on_ray(load: Load, plan: Plan, cluster: Cluster, address: str | None = None) -> tuple[int, dict[str, str]]:
    """Make the outputs that are missing.

    Args:
        load: see `Load`.
        plan: of `make_plan`.
        cluster: that works.
        address: see `GenerationJob`; the plan knows then what is there.

    Returns:
        How many outputs were written, and those that were left out because their batch killed its workers, with the
        reason.

    Raises:
        EngineError: the cluster, or its workers, cannot be used.
        OutputError: a file that no generation has made is where an output would go.
    """
    units = [_batch(plan, places) for places in missing_batches(plan)]
    before = len(plan.batches) - len(units)
    aside: dict[str, str] = {}
    progress = Progress(len(plan.batches), before, unit="batch")
    try:
        outcomes = run_on_ray(
            GenerationJob(load, address),
            units,
            cluster,
            agree=lambda kind: None,
            aside=aside,
            on_aside=lambda reasons: None,
            progress=progress,
            done_before=before,
        )
        return sum(outcomes), aside
    finally:
        progress.close()


def _batch(plan: Plan, places: Sequence[int]) -> Batch:
    outputs = [plan.outputs[place] for place in places]
    done = frozenset(position for position, output in enumerate(outputs) if output.done)
    return Batch(Plan(outputs, [list(range(len(outputs)))], []), done)
