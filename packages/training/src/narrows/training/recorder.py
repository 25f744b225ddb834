"""Records a run: log values, validation metrics, and progress on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from narrows.configs import TrainExperimentConfig
from narrows.pipelines.progress import Progress
from narrows.pipelines.throughput import in_words
from narrows.training.loggers import Loggers, create_loggers
from narrows.training.run_folder import RunFolder
from narrows.training.step_result import Scalars, StepResult
from narrows.training.throughput import Throughput


@dataclass
class Averages:
    """Means of scalars since they were last taken; they stay on their device until then."""

    _sums: dict[str, Tensor] = field(default_factory=dict)
    _count: int = 0

    def add(self, values: Scalars) -> None:
        """Add the values of a step."""
        for name, value in values.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._count += 1

    def take(self, reduce: Callable[[Tensor], Any]) -> dict[str, float]:
        """The means, over all processes; the next ones start anew."""
        names = list(self._sums)
        if not names:
            return {}
        means = reduce(torch.stack([self._sums[name] for name in names]) / self._count)
        self._sums, self._count = {}, 0
        return dict(zip(names, means.tolist(), strict=True))


class Recorder:
    """Loggers and progress of a run; only the first process writes and shows.

    Args:
        experiment: whose `logger` is used beside `metrics.jsonl`.
        fabric: launched.
        folder: of the run.
        start: step at which the run starts; later records of an interrupted process are dropped.
        progress: show progress.
        text: shown before all else.
        throughput: counts what the steps do.

    Raises:
        MissingLoggerError: the logger's package is not installed.
    """

    def __init__(
        self,
        experiment: TrainExperimentConfig,
        fabric: Fabric,
        folder: RunFolder,
        start: int,
        progress: bool,
        text: str,
        throughput: Throughput,
    ) -> None:
        self._fabric = fabric
        first = fabric.is_global_zero
        self._progress = Progress(experiment.steps, start, progress and first, limit=experiment.max_seconds)
        self._loggers = Loggers({}, folder.path)
        if first:
            self._loggers = create_loggers(experiment.logger, folder.path, experiment.name, start)
        self._averages, self._throughput = Averages(), throughput
        self._progress.note(text)
        self._step, self._seconds = start, 0.0

    def start(self, step: int) -> None:
        """Steps are counted from here; before, the machine is measured."""
        self._throughput.start()
        self._step, self._seconds = step, 0.0

    def note(self, text: str) -> None:
        """Show a line of text."""
        self._progress.note(text)

    def add(self, result: StepResult, step: int, seconds: float) -> None:
        """Add the scalars and the work of a step to the next log.

        Args:
            result: of the step.
            step: steps done.
            seconds: that it took, waiting for its data included.
        """
        self._averages.add(result.values)
        self._seconds += seconds
        if result.work is not None:
            self._throughput.add(result.work, seconds)
        self._progress.advance(step)

    def log(self, step: int, waited: float, values: Mapping[str, float]) -> None:
        """Log the means since the last log; all processes call it.

        Args:
            step: steps done.
            waited: seconds that were spent waiting for data since the last log.
            values: more values, logged as they are.
        """
        steps = max(1, step - self._step)
        means = self._averages.take(lambda tensor: self._fabric.all_reduce(tensor, reduce_op="mean"))
        timing = {"seconds_per_step": self._seconds / steps, "loader_wait": waited / steps}
        self._step, self._seconds = step, 0.0
        throughput = self._throughput.take()
        if self._fabric.is_global_zero:
            self._loggers.log(step, "train", {**means, **values, **timing, **throughput})
            self._progress.text(step, f"loss {means['loss']:.4g}  {in_words(throughput)}")

    def log_validation(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log and show validation metrics."""
        if self._fabric.is_global_zero and metrics:
            self._loggers.log(step, "val", metrics)
            shown = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
            self._progress.note(f"Validation at step {step}: {shown}")

    def close(self) -> None:
        """Write pending values, and close the progress bar."""
        self._loggers.close()
        self._progress.close()
