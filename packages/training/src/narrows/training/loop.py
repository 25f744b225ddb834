"""The training loop: step, log, validate, write demos, save."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning_fabric import Fabric

from narrows.training.best import Best
from narrows.training.checkpoints.checkpoint_state import Moment, RunState
from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.checkpoints.sharded import ShardedWriter
from narrows.training.checkpoints.trained_weights import write_model
from narrows.training.data_iterator import Batch
from narrows.training.demos.callback import DemoCallback
from narrows.training.distributed.fabric import is_sharded, sum_over_processes
from narrows.training.distributed.failures import Failures, ProcessFailedError
from narrows.training.non_finite import TrainingDivergedError, file_names
from narrows.training.recorder import Recorder
from narrows.training.rehearsal import try_report
from narrows.training.run_folder import RunFolder
from narrows.training.schedule import Schedule
from narrows.training.stop_signals import StopSignals
from narrows.training.training_data import TrainingData

log = logging.getLogger(__name__)


@dataclass
class Validations:
    """Settings and outcome of the validations of a run."""

    seed: int
    """Of the generators during validation and demos, e.g. for the noise of bottlenecks."""
    best: Best | None = None
    """The best validation so far; None keeps none."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Of the last validation."""


@dataclass
class Loop:
    """Trains from the step of `state` to the last one.

    Everything that happens at a step comes before its checkpoint, so that a resumed run repeats nothing of it.
    """

    fabric: Fabric
    folder: RunFolder
    state: RunState
    data: TrainingData
    schedule: Schedule
    validations: Validations
    demos: DemoCallback
    recorder: Recorder
    failures: Failures
    """Watches the other processes."""
    writer: ShardedWriter | None = None
    """Writes checkpoints of all processes together; None lets the first one write files."""
    _moment: Moment | None = field(default=None, init=False)
    """The beginning of the step that is being tried; None between steps."""
    _agreed: bool = field(default=False, init=False)
    """All of several processes have stopped because one of them has no batch."""
    _measuring: bool = field(default=False, init=False)
    """Between two steps, while the model is validated and demos are made."""

    def run(self) -> None:
        """Train up to the last step, or until the time is over.

        Raises:
            TrainingDivergedError: too many bad steps in a row.
            KeyboardInterrupt, Terminated: asked to stop; everything is saved.
            Exception: anything else that went wrong; the steps done are saved.
        """
        self.failures.rescue, self.failures.leave = self._rescue, self._leave
        with StopSignals() as signals:
            try:
                self._run(signals)
            except TrainingDivergedError:
                # From these weights no step succeeds: the last checkpoint, of better ones, stays the newest.
                raise
            except Exception as error:
                with signals.held():
                    self._save_after(error)
                raise

    def _run(self, signals: StopSignals) -> None:
        state = self.state
        state.trainer.train()
        self.recorder.start(state.step)
        self.schedule.start()
        if state.step == 0:
            self._validate()
            self._rehearse()
        last = False
        while not last:
            if not self._one_step():
                continue
            stop = self._any_process(signals.received is not None)
            last = state.step == self.schedule.steps or self._out_of_time()
            self._measuring = True
            self._after_step(last)
            self._measuring = False
            if stop or last or self.schedule.checkpoint_due(state.step):
                with signals.held():
                    self._save()
            if stop or last:
                self._finish_saving(signals)
            if stop:
                self.recorder.note(f"Stopped at step {state.step}; the run is saved and can be resumed.")
                raise signals.error()

    def _one_step(self) -> bool:
        """Try a step; whether it counted."""
        state = self.state
        self._moment = state.moment()
        start = time.perf_counter()
        batches = self._draw(state.trainer.batches_at(state.step) * self.data.batches_per_update)
        result = state.trainer.step(batches, state.step)
        if result.problem is not None:
            files = [name for _, metadata in batches for name in file_names(metadata)]
            state.guard.bad(state.step + 1, result.problem, files)
        else:
            state.guard.good()
        if result.updated:
            state.step += 1
            self.recorder.add(result, state.step, time.perf_counter() - start)
            self._moment = None
        return result.updated

    def _draw(self, count: int) -> list[Batch]:
        """The next batches. When one process has none, all of them stop here, and so can save together."""
        batches, error = [], None
        try:
            batches = self.data.draw(count)
        except Exception as caught:
            error = caught
            self.failures.settle(error)
        self._agreed = self.fabric.world_size > 1 and self._any_process(error is not None)
        if error is not None:
            raise error
        if self._agreed:
            raise ProcessFailedError("Another process has no batch")
        return batches

    def _after_step(self, last: bool) -> None:
        step = self.state.step
        if last or self.schedule.log_due(step):
            self._log()
        if last or self.schedule.validation_due(step):
            self._validate()
        if self.demos.due(step, last):
            self._write_demos()
        averages = self.state.trainer.averages
        if averages is not None and (last or step % averages.every == 0):
            averages.write(self.folder.path, self.fabric.is_global_zero)

    def _log(self) -> None:
        """Record the means since the last time."""
        state = self.state
        rates = {f"lr/{name}": group.learning_rate for name, group in state.trainer.groups.items()}
        values = {**state.trainer.log_values(), **rates, "skipped_steps": float(state.guard.skipped)}
        self.recorder.log(state.step, self.data.batches.take_waited(), values)

    def _validate(self) -> None:
        """Measure on the validation data, and write the model as it is now."""
        trainer, step, validations = self.state.trainer, self.state.step, self.validations
        if self.data.validation is not None:
            with preserved_rng(validations.seed):
                validations.metrics = trainer.validate(self.data.validation.batches())
            self.recorder.log_validation(step, validations.metrics)
        write_model(trainer, self.folder.model)
        best, metrics = validations.best, validations.metrics
        if best is not None and metrics and best.improves(step, metrics):
            self._save_best()
        self.fabric.barrier()

    def _save_best(self) -> None:
        """Write the checkpoint of the best validation."""
        if self.writer is not None:
            self.folder.save_best_sharded(self.writer, self.state.capture(self.fabric, sharded=True))
            return
        state = self.state.capture(self.fabric)
        if self.fabric.is_global_zero:
            self.folder.save_best(state)

    def _rehearse(self) -> None:
        """Try, in the first process, what comes only after hours: demos and the report; nothing stays or changes."""
        trainer = self.state.trainer
        if self.demos.demo_every is not None and self.data.validation is None:
            # Clips for demos are those of the last batch then; the first one is read for it, and again for its step.
            position = self.data.batches.state_dict()
            self._draw(1)
            self.data.batches.load_state_dict(position)
        with trainer.alone():
            if self.fabric.is_global_zero:
                with preserved_rng(self.validations.seed):
                    if self.demos.demo_every is not None:
                        self.demos.rehearse(trainer, self.data.demo_clips(1))
                    try_report(self.folder.model, trainer.config, self.data)
            self.fabric.barrier()

    def _write_demos(self) -> None:
        """Write demos, in the first process."""
        trainer = self.state.trainer
        with trainer.alone():
            if self.fabric.is_global_zero:
                with preserved_rng(self.validations.seed):
                    self.demos(trainer, self.data.demo_clips(self.demos.max_demos), self.state.step)
            self.fabric.barrier()

    def _save(self) -> None:
        """Write a checkpoint, or begin to."""
        if self.writer is not None:
            self.folder.save_sharded(self.writer, self.state.capture(self.fabric, sharded=True))
            return
        state = self.state.capture(self.fabric)
        if self.fabric.is_global_zero:
            self.folder.save(state)
        self.fabric.barrier()

    def _finish_saving(self, signals: StopSignals) -> None:
        if self.writer is not None:
            with signals.held():
                self.writer.wait()

    def _save_after(self, error: Exception) -> None:
        """Save the steps done before an error.

        The checkpoint is that of the beginning of the step that failed, so that a resumed run tries it again. All
        processes save together where all have stopped in one place, when the data of one have ended. Otherwise the
        first that is left saves for all, which it can unless weights are spread over the processes.
        """
        failure = self.failures.settle(error)
        alone = failure is not None and not self._agreed
        if alone and not self.failures.speaks:
            self.failures.share(self.state.step, self._now.rng)
            return
        mine = failure is None or failure.rank == self.fabric.global_rank
        if self._save_as_before(alone) and mine:
            kind = type(error).__name__
            self.recorder.note(f"Stopped at step {self.state.step} by {kind}. {self.failures.outcome}")

    def _rescue(self) -> None:
        """As `_save_after`, from another thread while the main one waits for a process that does not come."""
        if self._measuring:
            return  # the average may be rounded just now
        # What the usual stream of a GPU has been given stands behind an exchange that does not end.
        stream: Any = torch.cuda.Stream
        on_gpu = self.fabric.device.type == "cuda"
        with torch.cuda.stream(stream(self.fabric.device)) if on_gpu else nullcontext():
            self.state.trainer.undo()
            self._save_as_before(alone=True)

    def _leave(self) -> None:
        """Give the generators of this process, as the step began, to the one that saves."""
        if self._moment is not None:
            self.failures.share(self.state.step, self._moment.rng)

    @property
    def _now(self) -> Moment:
        return self._moment or self.state.moment()

    def _save_as_before(self, alone: bool) -> bool:
        """Save the beginning of the step that is being tried; whether that could be done.

        Args:
            alone: without other processes.
        """
        state, folder, failures = self.state, self.folder, self.failures
        if self.writer is not None and alone:
            self.writer.forget()
        elif self.writer is not None:
            self.writer.wait()
        if state.step == 0:
            failures.outcome = "No step was done yet: start it again."
            return False
        if folder.checkpoint(state.step).exists():
            failures.outcome = f"The run is saved at step {state.step} and can be resumed."
            return False
        if state.trainer.torn or (alone and is_sharded(self.fabric)):
            why = "weights were being updated" if state.trainer.torn else "a part of the weights is gone"
            failures.outcome = f"The last checkpoint is kept, and the run can be resumed from it: {why}."
            self.recorder.note(failures.outcome)
            return False
        try:
            generators = failures.shared(state.step, self._now.rng) if alone else None
            content = state.capture(self.fabric, self._moment, generators)
            if alone or self.fabric.is_global_zero:
                folder.save(content, beside=True)
        except Exception as second:
            log.warning("Step %d could not be saved after the error: %s", state.step, second)
            return False
        failures.outcome = f"The run is saved at step {state.step} and can be resumed."
        return True

    def _out_of_time(self) -> bool:
        if self.schedule.max_seconds is None or not self._any_process(self.schedule.out_of_time):
            return False
        self.recorder.note(f"The time is over at step {self.state.step} of {self.schedule.steps}.")
        return True

    def _any_process(self, flag: bool) -> bool:
        return bool(sum_over_processes(self.fabric, torch.tensor(float(flag))) > 0)
