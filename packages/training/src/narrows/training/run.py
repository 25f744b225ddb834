"""`train`: one experiment, from its file to a folder with the trained model."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from narrows.configs import TrainExperimentConfig
from narrows.configs.copies import local_copy
from narrows.configs.experiments import load_experiment
from narrows.configs.mirror import Mirror
from narrows.configs.rules.spectral_data import resolved
from narrows.models import create_model_from_config, load_checkpoint
from narrows.models.arithmetic import arithmetic_of
from narrows.pipelines.report import report_run
from narrows.training.best import create_best
from narrows.training.checkpoints.checkpoint_state import RunState
from narrows.training.checkpoints.rng import seeded
from narrows.training.checkpoints.sharded import ShardedWriter
from narrows.training.demos.callback import create_demo_callback_from_config
from narrows.training.distributed.fabric import launched
from narrows.training.distributed.failures import Failures
from narrows.training.distributed.precision import keep_exact_layers
from narrows.training.distributed.update_size import share_updates
from narrows.training.factory import create_training_wrapper_from_config
from narrows.training.freezing import freeze
from narrows.training.generative.arc.few_step import sampled_in_few_steps
from narrows.training.loop import Loop, Validations
from narrows.training.memory import forecast, is_out_of_memory, out_of_memory
from narrows.training.non_finite import Guard
from narrows.training.plan import describe_start
from narrows.training.recorder import Recorder
from narrows.training.run_folder import RunFolder, metrics_of
from narrows.training.run_lock import held
from narrows.training.run_store import stored_run
from narrows.training.schedule import Schedule
from narrows.training.throughput import Throughput
from narrows.training.trainers.base import Trainer
from narrows.training.training_data import TrainingData


@dataclass(frozen=True)
class RunResult:
    """Outcome of a training run."""

    folder: Path
    """Of the run."""
    step: int
    """Steps done."""
    model: Path
    """`save_model` folder of the trained model."""
    checkpoint: Path
    """The newest checkpoint."""
    best: Path | None
    """The checkpoint with the best `best_metric`; None when nothing was validated."""
    report: Path
    """The page that shows the run."""
    metrics: dict[str, float]
    """Of the last validation; empty without one."""
    skipped_steps: int
    """Steps that had a loss or gradient that was not finite."""
    address: str | None = None
    """Where all of it was put, if `save_dir` is in a storage; the paths are of a copy."""


def train(
    experiment: TrainExperimentConfig | Mapping[str, Any] | str | Path,
    *,
    progress: bool = True,
    allow_code: bool = False,
) -> RunResult:
    """Train the model of an experiment in `save_dir/name`, or go on where an earlier process stopped.

    Args:
        experiment: a typed experiment, a dictionary or the path of a file; never changed.
        progress: show a progress bar, or lines where there is no terminal.
        allow_code: run the Python files that a data set's `custom_metadata_module` names.

    Raises:
        ConfigError: the experiment is wrong.
        CheckpointError: the weights given do not fit, or the run's folder holds another experiment.
        RunExistsError: the run's folder holds a run, and `resume` is false.
        RunInUseError: another process is training in the run's folder.
        ProcessesError: a launcher started other processes than `devices` and `num_nodes` say.
        DataError: the data cannot be used.
        FreezeError: `freeze` names nothing of the model.
        TrainingDivergedError: too many bad steps in a row.
        ProcessFailedError: another process of this training failed or was killed.
        EngineError: the processes of a Ray cluster could not be started, or failed too often.
        OutOfMemoryError: the device's memory does not suffice; the message lists what to change.
    """
    typed = _resolved(load_experiment(experiment))
    if typed.engine == "ray":
        return _on_ray(typed, allow_code)
    fabric = launched(typed)
    with stored_run(typed, fabric) as mirror:
        with (
            Failures(fabric) as failures,
            held(RunFolder(typed, mirror).path) if fabric.is_global_zero else nullcontext(),
        ):
            result = _train(typed, fabric, failures, progress, allow_code, mirror)
        if mirror is None:
            return result
        if fabric.is_global_zero:
            mirror.put_changed()
        return replace(result, address=mirror.address)


def _on_ray(typed: TrainExperimentConfig, allow_code: bool) -> RunResult:
    from narrows.training.distributed.on_ray import train_on_ray

    fields = train_on_ray(typed, train, allow_code)
    names = ("folder", "model", "checkpoint", "best", "report")
    paths = {name: None if fields[name] is None else Path(fields[name]) for name in names}
    return RunResult(**{**fields, **paths})


def _train(
    typed: TrainExperimentConfig,
    fabric: Fabric,
    failures: Failures,
    progress: bool,
    allow_code: bool,
    mirror: Mirror | None,
) -> RunResult:
    loop = prepare(typed, fabric, progress, allow_code, failures, mirror)
    state, folder = loop.state, loop.folder
    try:
        if state.step < typed.steps:
            loop.run()
        else:
            loop.recorder.note(f"The run {folder.path} is complete: {state.step} steps. Raise `steps` to go on.")
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(typed, state.trainer) from error
    finally:
        loop.recorder.close()
    if fabric.is_global_zero:
        data = loop.data
        report_run(folder.path, dataset=data.held_out, skipped=data.skipped_files, allow_code=allow_code)
    fabric.barrier()
    return _result(loop)


def _result(loop: Loop) -> RunResult:
    folder, step = loop.folder, loop.state.step
    return RunResult(
        folder=folder.path,
        step=step,
        model=folder.model,
        checkpoint=folder.checkpoint(step),
        best=folder.best,
        report=folder.path / "report.html",
        metrics=loop.validations.metrics,
        skipped_steps=loop.state.guard.skipped,
    )


def prepare(
    experiment: TrainExperimentConfig,
    fabric: Fabric,
    progress: bool = True,
    allow_code: bool = False,
    failures: Failures | None = None,
    mirror: Mirror | None = None,
) -> Loop:
    """Build all that a run needs, in the state from which it goes on.

    Args:
        experiment: with its model and data files read in.
        fabric: launched.
        progress: show progress.
        allow_code: as for `train`.
        failures: watches the other processes; None watches none.
        mirror: of the run's folder, where `save_dir` is in a storage.
    """
    folder = RunFolder(experiment, mirror)
    start = folder.start()
    trainer = create_trainer(experiment, fabric, new=not start.resumes)
    data = TrainingData(experiment, fabric, allow_code)
    state = RunState(trainer, data.batches, Guard(experiment.max_bad_steps))
    missing = state.begin(start, fabric)
    if fabric.is_global_zero:
        folder.write_experiment()
    earlier = folder.validations()
    best = create_best(experiment.best_metric, trainer.main_metric, earlier, state.step)
    share_updates(trainer, experiment, fabric.world_size, data.batches.loader)
    plan = describe_start(trainer, experiment.steps, state.step, missing, forecast(trainer, experiment))
    return Loop(
        fabric=fabric,
        folder=folder,
        state=state,
        data=data,
        schedule=Schedule(experiment, trainer.switches),
        validations=Validations(experiment.seed, best if data.validation is not None else None, metrics_of(earlier)),
        demos=create_demo_callback_from_config(trainer.config, folder=folder.demos),
        recorder=Recorder(experiment, fabric, folder, state.step, progress, plan, throughput_of(trainer)),
        failures=failures or Failures(fabric),
        writer=_writer(experiment, fabric),
    )


def throughput_of(trainer: Trainer) -> Throughput:
    """Counts what a trainer does, beside what its device could do in the precision of its networks."""
    precision = str(trainer.fabric.strategy.precision.precision)
    dtype = {"b": torch.bfloat16, "1": torch.float16}.get(precision[:1], torch.float32)
    network = next(iter(trainer.networks(trainer.model)), trainer.model)
    return Throughput(trainer.fabric, trainer.unit, dtype if "mixed" in precision else arithmetic_of(network))


def _writer(experiment: TrainExperimentConfig, fabric: Fabric) -> ShardedWriter | None:
    several = fabric.world_size > 1 and experiment.checkpoint_format == "auto"
    return ShardedWriter(fabric) if several or experiment.checkpoint_format == "sharded" else None


def create_trainer(experiment: TrainExperimentConfig, fabric: Fabric, new: bool) -> Trainer:
    """The trainer on its device, with the weights that a new run starts from.

    Args:
        experiment: with its model and data files read in.
        fabric: launched.
        new: a new run; False leaves weights and statistics to the checkpoint, except for those of the base of an
            adapter, which checkpoints do not have.
    """
    # The same weights on every process, but other noise and other crops.
    with seeded(experiment.seed, experiment.seed + fabric.global_rank):
        model = create_model_from_config(experiment.model_config_)
        starts = new or trains_adapter(experiment)
        if starts and experiment.pretrained_ckpt_path is not None:
            load_checkpoint(model, local_copy(experiment.pretrained_ckpt_path))
        if starts and experiment.pretransform_ckpt_path is not None:
            load_pretransform(model, local_copy(experiment.pretransform_ckpt_path))
        frozen = freeze(model, experiment.freeze)
        trainer = create_training_wrapper_from_config(experiment.model_config_, model)
        trainer.frozen = frozen
        if new and experiment.pretrained_ckpt_path is None:
            trainer.fit_statistics(experiment.dataset_config)
        keep_exact_layers(fabric, trainer)
        trainer.setup(fabric, experiment.compile, experiment.gradient_checkpointing)
    return trainer


def trains_adapter(experiment: TrainExperimentConfig) -> bool:
    """Whether an adapter is trained in place of the model."""
    training: Any = experiment.model_config_.training  # type: ignore[union-attr]
    return getattr(training, "lora_config", None) is not None


def load_pretransform(model: Any, path: str | Path) -> None:
    """Give the pretransform of a model its own weights.

    Args:
        model: one whose pretransform has weights, which a rule has asked for.
        path: of a file or a model folder.

    Raises:
        CheckpointError: the weights do not fit.
    """
    pretransform = model.pretransform
    load_checkpoint(getattr(pretransform, "model", pretransform), path)


def _resolved(experiment: TrainExperimentConfig) -> TrainExperimentConfig:
    """The experiment with what follows from its data and training written out, as it is kept in every checkpoint."""
    model = sampled_in_few_steps(resolved(experiment.model_config_, experiment.dataset_config))
    return experiment if model is experiment.model_config_ else experiment.model_copy(update={"model_config_": model})
