"""Batches of requests on a Ray cluster: the plan and the files are those of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch

from narrows.models.codec import model_hash
from narrows.pipelines.engines import Attempt, Kind
from narrows.pipelines.engines.kinds import threads_of
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.generation.memory import told_memory
from narrows.pipelines.generation.run import Plan, missing_batches, sounds, write_sound
from narrows.pipelines.progress import Progress

Load = Callable[[torch.device], Any]
"""Gives the model, prepared, on a device. It is pickled, so it is a function of a module, or a `partial` of one."""


@final
@dataclass(frozen=True)
class GenerationJob:
    """Makes sounds; its units are plans of one batch each, so that a worker gets its own requests only."""

    load: Load

    stages = ("", "generated")
    block_bytes = 0

    def reader(self) -> None:
        """Audio of requests is read when the plan is made."""

    def worker(self, device: torch.device, threads: int) -> BatchGenerator:
        """With the model."""
        with threads_of(threads):
            model = self.load(device)
        return BatchGenerator(model, Kind.here(device, threads, model_hash(model)))

    def seconds_of(self, block: Any) -> float:
        """There are no blocks."""
        return 0.0

    def size_of(self, unit: Plan) -> float:
        """Seconds of sound."""
        return sum(output.item.request.seconds or 0.0 for output in unit.outputs)

    def item_names(self, unit: Plan) -> Sequence[str]:
        """Files of the batch."""
        return [str(output.path) for output in unit.outputs]


@final
class BatchGenerator:
    """Makes the sounds of a batch, which live or die together, and writes them.

    Args:
        model: of the plan.
        kind: what it computes with.
    """

    def __init__(self, model: Any, kind: Kind) -> None:
        self._model, self.kind = model, kind

    def work(self, unit: Plan, blocks: Iterator[Any], attempt: Attempt) -> int | None:
        """Make what is missing of a batch, nothing of one that is set aside; returns how many files were written."""
        names = [str(output.path) for output in unit.outputs]
        if not attempt.aside.keys().isdisjoint(names):
            return 0
        attempt.holds(names)
        with threads_of(self.kind.threads), told_memory():
            made = list(sounds(self._model, unit, unit.batches))
        if not attempt.may_commit():
            return None
        rate = self._model.sample_rate
        written = sum(write_sound(unit.outputs[place], audio, rate) for place, audio in made)
        attempt.advance(len(made), sum(audio.shape[-1] for _, audio in made) / rate)
        return written


def run_plan_on_ray(load: Load, plan: Plan, cluster: Cluster) -> tuple[int, dict[str, str]]:
    """Make the outputs that are missing.

    Args:
        load: see `Load`.
        plan: of `make_plan`.
        cluster: that works.

    Returns:
        How many outputs were written, and those that were left out because their batch killed its workers, with the
        reason.

    Raises:
        EngineError: the cluster, or its workers, cannot be used.
        OutputError: a file that no generation has made is where an output would go.
    """
    units = [
        Plan([plan.outputs[place] for place in places], [list(range(len(places)))], [])
        for places in missing_batches(plan)
    ]
    before = len(plan.batches) - len(units)
    aside: dict[str, str] = {}
    progress = Progress(len(plan.batches), before, unit="batch")
    try:
        outcomes = run_on_ray(
            GenerationJob(load),
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
