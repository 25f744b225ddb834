"""Inquiries on a Ray cluster: of one unit audio is read, decoded and resampled while another is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import torch
from torch import nn

from narrows.models.codec import model_hash
from narrows.pipelines.engines import Attempt, Kind
from narrows.pipelines.engines.kinds import threads_of
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.evaluation.inquiries import Ask, Inquiry
from narrows.pipelines.progress import Progress

Load = Callable[[torch.device], Any]
"""Gives the model, or models by name, prepared, on a device. It is pickled, so it is a function of a module, or a
`partial` of one."""


class Numbered(NamedTuple):
    """A unit, and its place among all."""

    number: int
    unit: Any


@final
@dataclass(frozen=True)
class EvaluationJob:
    """Puts an inquiry to models."""

    load: Load
    inquiry: Inquiry

    stages = ("read", "measured")

    @property
    def block_bytes(self) -> int:
        """Of what is read, or comes back."""
        return self.inquiry.block_bytes

    def reader(self) -> InquiryReader:
        """Reads with a thread."""
        return InquiryReader(self.inquiry)

    def worker(self, device: torch.device, threads: int) -> Answerer:
        """With the models."""
        with threads_of(threads):
            models = self.load(device)
            answer = self.inquiry.answerer(models)
        each = [models] if isinstance(models, nn.Module) else list(models.values())
        return Answerer(answer, self.inquiry, Kind.here(device, threads, "+".join(map(model_hash, each))))

    def seconds_of(self, block: Any) -> float:
        """Of the audio of a unit."""
        return 0.0 if isinstance(block, str) else self.inquiry.seconds(block)

    def sizes_of(self, units: Sequence[Numbered]) -> list[float]:
        """None: files are cut at a length, and results are wanted in their order."""
        return []

    def item_names(self, unit: Numbered) -> Sequence[str]:
        """Of its files."""
        return self.inquiry.names(unit.unit)


@final
class InquiryReader:
    """Reads units with a thread.

    Args:
        inquiry: says how.
    """

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry, self._pool = inquiry, ThreadPoolExecutor(1)

    def start(self, unit: Numbered, attempt: Attempt) -> Iterator[Any]:
        """Begin to read a unit; gives one block, see `Inquiry.read`."""
        return _one(self._pool.submit(self._read, unit, attempt))

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(cancel_futures=True)

    def _read(self, unit: Numbered, attempt: Attempt) -> Any:
        names = self._inquiry.names(unit.unit)
        if reasons := [attempt.aside[name] for name in names if name in attempt.aside]:
            return reasons[0]
        if attempt.careful:
            attempt.holds(names)
        return self._inquiry.read(unit.unit)


@final
class Answerer:
    """Answers about units.

    Args:
        answer: of `Inquiry.answerer`.
        inquiry: what is asked.
        kind: what the models compute with.
    """

    def __init__(self, answer: Callable[[Any, Any], Any], inquiry: Inquiry, kind: Kind) -> None:
        self._answer, self._inquiry, self.kind = answer, inquiry, kind

    def work(self, unit: Numbered, blocks: Iterator[Any], attempt: Attempt) -> tuple[int, Any] | None:
        """Answer about a unit; gives its number with it."""
        block = next(blocks)
        names = self._inquiry.names(unit.unit)
        attempt.holds(names)
        with threads_of(self.kind.threads):
            answer = self._answer(unit.unit, block)
        if not attempt.may_commit():
            return None
        attempt.advance(len(names), 0.0 if isinstance(block, str) else self._inquiry.seconds(block))
        return unit.number, answer


def asked_on_ray(load: Load, cluster: Cluster) -> Ask:
    """What asks models on a cluster; a unit with a file that kills its worker three times is passed over.

    What is ready before its turn waits in this process. Paths of units mean the same on every machine.

    Args:
        load: see `Load`.
        cluster: that works.

    Returns:
        A function that raises `EngineError` where the cluster, or its workers, cannot be used.
    """

    def ask(inquiry: Inquiry, units: Sequence[Any]) -> Iterator[Any]:
        progress = Progress(
            len(units), unit="file" if all(len(inquiry.names(unit)) == 1 for unit in units) else "batch"
        )
        early: dict[int, Any] = {}
        turn = 0
        try:
            for number, answer in run_on_ray(
                EvaluationJob(load, inquiry),
                [Numbered(*numbered) for numbered in enumerate(units)],
                cluster,
                agree=lambda kind: None,
                aside={},
                on_aside=lambda reasons: None,
                progress=progress,
            ):
                early[number] = answer
                while turn in early:
                    yield early.pop(turn)
                    turn += 1
        finally:
            progress.close()

    return ask


def _one(reading: Future[Any]) -> Iterator[Any]:
    yield reading.result()
