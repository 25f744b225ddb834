"""Files of an evaluation on a Ray cluster: one is read, decoded and resampled while another is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, final

import torch
from torch import Tensor

from narrows.models import Codec
from narrows.models.codec import model_hash
from narrows.pipelines.engines import Attempt, Kind
from narrows.pipelines.engines.kinds import threads_of
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.evaluation.judging import Judge, Judged, Question
from narrows.pipelines.progress import Progress

Load = Callable[[torch.device], Mapping[str, Codec]]
"""Gives the models, prepared, on a device. It is pickled, so it is a function of a module, or a `partial` of one."""


class File(NamedTuple):
    """A file to evaluate."""

    number: int
    name: str
    path: Path


@final
@dataclass(frozen=True)
class EvaluationJob:
    """Judges files; its units are files."""

    load: Load
    question: Question

    stages = ("read", "measured")

    @property
    def block_bytes(self) -> int:
        """Of a clip and what every model makes of it, which comes back the same way."""
        channels = max(own for own, _ in self.question.channels)
        clip = int(4 * self.question.seconds * self.question.rate * channels)
        return clip * (1 + len(self.question.channels))

    def reader(self) -> FileReader:
        """Reads with a thread."""
        return FileReader(self.question)

    def worker(self, device: torch.device, threads: int) -> FileJudge:
        """With the models."""
        with threads_of(threads):
            models = self.load(device)
            judge = Judge(models, self.question)
        hashes = "+".join(model_hash(model) for model in models.values())
        return FileJudge(judge, self.question.rate, Kind.here(device, threads, hashes))

    def seconds_of(self, block: Tensor | str) -> float:
        """Of a clip."""
        return 0.0 if isinstance(block, str) else block.shape[-1] / self.question.rate

    def size_of(self, unit: File) -> float:
        """The same for all: each is as long as the question allows at most, and results are wanted in their order."""
        return 0.0

    def item_names(self, unit: File) -> Sequence[str]:
        """Of the file."""
        return [unit.name]


@final
class FileReader:
    """Reads files with a thread.

    Args:
        question: says how.
    """

    def __init__(self, question: Question) -> None:
        self._question, self._pool = question, ThreadPoolExecutor(1)

    def start(self, unit: File, attempt: Attempt) -> Iterator[Tensor | str]:
        """Begin to read a file; gives one block, see `Question.read`."""
        return _one(self._pool.submit(self._read, unit, attempt))

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(cancel_futures=True)

    def _read(self, unit: File, attempt: Attempt) -> Tensor | str:
        if unit.name in attempt.aside:
            return attempt.aside[unit.name]
        if attempt.careful:
            attempt.holds([unit.name])
        return self._question.read(unit.path)


@final
class FileJudge:
    """Judges files.

    Args:
        judge: with the models.
        rate: of the question, in Hz.
        kind: what the models compute with.
    """

    def __init__(self, judge: Judge, rate: int, kind: Kind) -> None:
        self._judge, self._rate, self.kind = judge, rate, kind

    def work(self, unit: File, blocks: Iterator[Tensor | str], attempt: Attempt) -> tuple[int, Judged] | None:
        """Judge a file; gives its number with it."""
        audio = next(blocks)
        attempt.holds([unit.name])
        with threads_of(self.kind.threads):
            judged = self._judge(unit.name, audio)
        if not attempt.may_commit():
            return None
        attempt.advance(1, 0.0 if isinstance(audio, str) else audio.shape[-1] / self._rate)
        return unit.number, judged


def judged_on_ray(load: Load, question: Question, files: Mapping[str, Path], cluster: Cluster) -> Iterator[Judged]:
    """Judge files on a cluster; a file that kills its worker three times is passed over.

    Args:
        load: see `Load`.
        question: what to ask.
        files: by name; relative paths mean the same everywhere.
        cluster: that works.

    Yields:
        Every file, in the order of `files`; what is ready before its turn waits here.

    Raises:
        EngineError: the cluster, or its workers, cannot be used.
    """
    units = [File(number, name, path) for number, (name, path) in enumerate(files.items())]
    progress = Progress(len(units), unit="file")
    early: dict[int, Judged] = {}
    turn = 0
    try:
        for number, judged in run_on_ray(
            EvaluationJob(load, question),
            units,
            cluster,
            agree=lambda kind: None,
            aside={},
            on_aside=lambda reasons: None,
            progress=progress,
        ):
            early[number] = judged
            while turn in early:
                yield early.pop(turn)
                turn += 1
    finally:
        progress.close()


def _one(reading: Future[Tensor | str]) -> Iterator[Tensor | str]:
    yield reading.result()
