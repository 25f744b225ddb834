"""The training loop: step, log, validate, show, save."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from narrows.configs import TrainExperimentConfig
from narrows.pipelines.progress import Progress
from narrows.training.best import Best
from narrows.training.checkpoints.files import BEST, write_checkpoint, write_state
from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.checkpoints.state import capture
from narrows.training.data_iterator import Batch, Batches
from narrows.training.demos.callback import DemoCallback
from narrows.training.distributed.fabric import sum_over_processes
from narrows.training.loggers import Loggers
from narrows.training.non_finite import Guard, file_names
from narrows.training.stop_signals import StopSignals
from narrows.training.trainers.autoencoder import AutoencoderTraining
from narrows.training.validation import Validation


@dataclass
class Averages:
    """Means of scalars since they were last taken; they stay on their device until then."""

    _sums: dict[str, Tensor] = field(default_factory=dict)
    _count: int = 0

    def add(self, values: dict[str, Tensor]) -> None:
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


@dataclass
class Loop:
    """Runs a training from a step to the end.

    Everything that happens at a step comes before its checkpoint, so that a resumed run repeats nothing of it.
    """

    fabric: Fabric
    training: AutoencoderTraining
    batches: Batches
    experiment: TrainExperimentConfig
    folder: Path
    loggers: Loggers
    progress: Progress
    demos: DemoCallback | None
    validation: Validation | None
    guard: Guard
    texts: dict[str, str]
    """`config` and `experiment` as JSON, for the checkpoints."""
    best: Best | None = None
    step: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    """Of the last validation."""
    _averages: Averages = field(default_factory=Averages)
    _logged: tuple[int, float] = (0, 0.0)
    _deadline: float = float("inf")
    _last_audio: Tensor = field(default_factory=lambda: torch.empty(0))

    def run(self) -> None:
        """Train up to the last step, or until the time is over.

        Raises:
            TrainingDivergedError: too many bad steps in a row.
            KeyboardInterrupt, Terminated: asked to stop; everything is saved.
        """
        self.training.train()
        self._logged = (self.step, time.perf_counter())
        self._deadline = time.monotonic() + (self.experiment.max_seconds or float("inf"))
        if self.step == 0:
            self._validate()
        with StopSignals() as signals:
            last = False
            while not last:
                if not self._one_step():
                    continue
                self.progress.advance(self.step)
                stop = self._any_process(signals.received is not None)
                last = self.step == self.experiment.steps or self._out_of_time()
                self._after_step(last)
                if stop or last or self.step % self.experiment.checkpoint_every == 0:
                    self.save()
                if stop:
                    self.progress.note(f"Stopped at step {self.step}; the run is saved and can be resumed.")
                    raise signals.error()

    def _out_of_time(self) -> bool:
        if self.experiment.max_seconds is None or not self._any_process(time.monotonic() >= self._deadline):
            return False
        self.progress.note(f"The time is over at step {self.step} of {self.experiment.steps}.")
        return True

    @property
    def skipped_files(self) -> dict[str, str]:
        """Files that could not be read, and why."""
        loaders = [self.batches.loader] if self.validation is None else [self.batches.loader, self.validation.loader]
        return {path: reason for loader in loaders for path, reason in loader.skipped.items()}

    def save(self) -> None:
        """Write a checkpoint."""
        state = capture(self.fabric, self.training, self.batches, self.step, self.guard, self.texts)
        if self.fabric.is_global_zero:
            write_checkpoint(self.folder / "checkpoints", state, self.experiment.keep_checkpoints)
        self.fabric.barrier()

    def _one_step(self) -> bool:
        """Try a step; whether it counted."""
        count = self.training.batches_at(self.step) * self.experiment.accum_batches
        drawn = [self._to_device(self.batches.draw()) for _ in range(count)]
        outcome = self.training.step(drawn, self.step)
        if outcome.problem is not None:
            files = [name for _, metadata in drawn for name in file_names(metadata)]
            self.guard.bad(self.step + 1, outcome.problem, files)
        else:
            self.guard.good()
        if not outcome.updated:
            return False
        self._averages.add(outcome.values)
        self.step += 1
        return True

    def _after_step(self, last: bool) -> None:
        experiment = self.experiment
        if last or self.step % experiment.log_every == 0:
            self._log()
        if last or self.step % experiment.val_every == 0 or self.step in self.training.switches:
            self._validate()
        if self.demos is not None and (last or self.demos.due(self.step)):
            with self.training.alone():
                if self.fabric.is_global_zero:
                    with preserved_rng(experiment.seed):
                        self.demos(self.training, self._demo_clips(self.demos.max_demos), self.step)
                self.fabric.barrier()

    def _log(self) -> None:
        """Record the means since the last time."""
        now, (step, then) = time.perf_counter(), self._logged
        values = self._averages.take(lambda tensor: self.fabric.all_reduce(tensor, reduce_op="mean"))
        values |= self.training.take_figures()
        values |= {f"lr/{name}": part.learning_rate for name, part in self.training.parts.items()}
        values["seconds_per_step"] = (now - then) / max(1, self.step - step)
        values["loader_wait"] = self.batches.waited / max(1, self.step - step)
        values["skipped_steps"] = float(self.guard.skipped)
        self._logged, self.batches.waited = (self.step, now), 0.0
        if self.fabric.is_global_zero:
            self.loggers.log(self.step, "train", values)
            self.progress.values(self.step, {"loss": values["loss"]})

    def _validate(self) -> None:
        """Measure on the validation data, and write the model as it is now."""
        if self.validation is not None:
            self.metrics = self.validation.run(self.training)
        if self.fabric.is_global_zero and self.metrics:
            self.loggers.log(self.step, "val", self.metrics)
            shown = ", ".join(f"{name} {value:.4g}" for name, value in self.metrics.items())
            self.progress.note(f"Validation at step {self.step}: {shown}")
        self.training.write_model(self.folder / "model")
        if self.best is not None and self.metrics and self.best.improves(self.step, self.metrics):
            self._save_best()
        self.fabric.barrier()

    def _save_best(self) -> None:
        state = capture(self.fabric, self.training, self.batches, self.step, self.guard, self.texts)
        if self.fabric.is_global_zero:
            write_state(self.folder / "checkpoints" / BEST, state)

    def _demo_clips(self, count: int) -> Tensor:
        if self.validation is not None:
            return self.validation.first_clips(count)
        return self._last_audio[:count]

    def _to_device(self, batch: Batch) -> Batch:
        audio, metadata = batch
        self._last_audio = audio
        return self.fabric.to_device(audio), metadata

    def _any_process(self, flag: bool) -> bool:
        return bool(sum_over_processes(self.fabric, torch.tensor(float(flag))) > 0)
