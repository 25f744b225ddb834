"""`train`: one experiment, from its file to a folder with the trained model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from pydantic import BaseModel

from narrows.configs import TrainExperimentConfig, load_config
from narrows.configs.files import atomic_file
from narrows.configs.rules.spectral_data import resolved
from narrows.data import create_dataloader_from_config
from narrows.data.factory import with_options
from narrows.models import create_model_from_config, load_checkpoint
from narrows.pipelines.metrics_log import read_metrics
from narrows.pipelines.progress import Progress
from narrows.pipelines.report import report_run
from narrows.training.activation_checkpointing import recompute_stages
from narrows.training.best import Best
from narrows.training.checkpoints.contents import take_over
from narrows.training.checkpoints.files import (
    BEST,
    checkpoint_path,
    newest_checkpoint,
    read_checkpoint,
    remove_leftovers,
)
from narrows.training.checkpoints.rng import seed_all
from narrows.training.checkpoints.state import check_same_model, restore
from narrows.training.data_iterator import Batches
from narrows.training.demos.callback import create_demo_callback_from_config
from narrows.training.distributed.fabric import create_fabric
from narrows.training.distributed.precision import keep_exact_layers
from narrows.training.factory import create_training_wrapper_from_config
from narrows.training.loggers import Loggers, create_loggers
from narrows.training.loop import Loop
from narrows.training.memory import is_out_of_memory, out_of_memory
from narrows.training.non_finite import Guard
from narrows.training.plan import describe
from narrows.training.validation import Validation


@dataclass(frozen=True)
class RunResult:
    """What a training left behind."""

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
        CheckpointError: the weights given do not fit, or the run's folder holds another model.
        DataError: the data cannot be used.
        TrainingDivergedError: too many bad steps in a row.
        OutOfMemoryError: the device's memory does not suffice; the message lists what to change.
    """
    typed = _resolved(load_config(experiment, "experiment"))
    fabric = create_fabric(typed)
    fabric.launch()
    loop = prepare(typed, fabric, progress, allow_code)
    try:
        if loop.step < typed.steps:
            loop.run()
        else:
            loop.progress.note(f"The run {loop.folder} is complete: {loop.step} steps. Raise `steps` to go on.")
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(typed, loop.training.model) from error
    finally:
        loop.loggers.close()
        loop.progress.close()
    report = loop.folder / "report.html"
    if fabric.is_global_zero:
        _, held_out = split_data(typed)
        report_run(loop.folder, dataset=held_out, skipped=loop.skipped_files, allow_code=allow_code)
    fabric.barrier()
    return RunResult(
        folder=loop.folder,
        step=loop.step,
        model=loop.folder / "model",
        checkpoint=checkpoint_path(loop.folder / "checkpoints", loop.step),
        best=best if (best := loop.folder / "checkpoints" / BEST).exists() else None,
        report=report,
        metrics=loop.metrics,
        skipped_steps=loop.guard.skipped,
    )


def prepare(experiment: TrainExperimentConfig, fabric: Fabric, progress: bool = True, allow_code: bool = False) -> Loop:
    """Build all that a run needs, and put it into the state it goes on from.

    Args:
        experiment: with its model and data files read in.
        fabric: launched.
        progress: show progress.
        allow_code: as for `train`.
    """
    model_config: Any = experiment.model_config_
    folder = Path(experiment.save_dir) / experiment.name
    texts = {
        "config": model_config.model_dump_json(by_alias=True),
        "experiment": experiment.model_dump_json(by_alias=True),
    }
    found = _resume_from(experiment, folder / "checkpoints", texts["config"])

    # The same weights on every process, but other noise and other crops.
    seed_all(experiment.seed)
    model = create_model_from_config(model_config)
    if experiment.pretrained_ckpt_path is not None and found is None:
        load_checkpoint(model, experiment.pretrained_ckpt_path)
    training = create_training_wrapper_from_config(model_config, model)
    if experiment.pretrained_ckpt_path is None and found is None:
        training.look_at(experiment.dataset_config)
    keep_exact_layers(fabric, training)
    training.setup(fabric)
    seed_all(experiment.seed + fabric.global_rank)

    data, held_out = split_data(experiment)
    batches = Batches(_loader(experiment, data, fabric, shuffle=True, allow_code=allow_code))
    guard = Guard(experiment.max_bad_steps)
    step = restore(found, fabric, training, batches, guard) if found is not None else 0
    _speed_up(experiment, model)
    missing: list[str] = []
    if found is None and experiment.ckpt_path is not None:
        missing = take_over(training, read_checkpoint(Path(experiment.ckpt_path)))
    if fabric.is_global_zero:
        _write_experiment(folder, texts["experiment"])
    shown = Progress(experiment.steps, step, progress and fabric.is_global_zero, limit=experiment.max_seconds)
    shown.note(describe(training, experiment.steps))
    for name in missing:
        shown.note(f"{experiment.ckpt_path} has no {name}; it starts anew.")
    if step:
        shown.note(f"Going on at step {step}.")
    return Loop(
        fabric=fabric,
        training=training,
        batches=batches,
        experiment=experiment,
        folder=folder,
        loggers=create_loggers(experiment.logger, folder, experiment.name, step)
        if fabric.is_global_zero
        else Loggers([]),
        progress=shown,
        demos=create_demo_callback_from_config(
            model_config, folder=folder / "demos", downsampling_ratio=model.downsampling_ratio
        )
        if training.makes_audio
        else None,
        validation=_validation(experiment, held_out, fabric, allow_code),
        guard=guard,
        texts=texts,
        step=step,
        metrics=_last_validation(folder / "metrics.jsonl"),
        best=_best(experiment, training.main_metric, folder / "metrics.jsonl", step),
    )


def _resolved(experiment: TrainExperimentConfig) -> TrainExperimentConfig:
    """The experiment with the files it names read in."""
    kinds = {"model_config_": "model", "dataset_config": "dataset", "val_dataset_config": "dataset"}
    read = {
        name: load_config(Path(value), kind)
        for name, kind in kinds.items()
        if isinstance(value := getattr(experiment, name), str)
    }
    complete: TrainExperimentConfig = load_config(experiment.model_copy(update=read), "experiment")
    # What the model leaves to the data stands in its file from here on, and so in every checkpoint.
    model = resolved(complete.model_config_, complete.dataset_config)
    return complete.model_copy(update={"model_config_": model})


def _resume_from(experiment: TrainExperimentConfig, folder: Path, model_config: str) -> dict[str, Any] | None:
    """The state to resume from, or None for a new run."""
    remove_leftovers(folder)
    found = newest_checkpoint(folder)
    if found is None:
        return None
    path, state = found
    if not experiment.resume:
        raise FileExistsError(
            f"{folder.parent} already holds a run at step {state['step']}, and `resume` is false. Choose another "
            "`name`, or set `resume` to true"
        )
    check_same_model(state, model_config, str(path))
    return state


def split_data(experiment: TrainExperimentConfig) -> tuple[Any, Any]:
    """The data set to train on and the one to validate on; None validates nothing.

    Without a validation data set, files are held out of the data set, where its type can do that.
    """
    data: Any = experiment.dataset_config
    if experiment.val_batches == 0:
        return data, None
    if experiment.val_dataset_config is not None:
        return data, experiment.val_dataset_config
    if getattr(getattr(data, "audio", data), "split", None) != "all":
        return data, None
    whole = {"random_crop": False, "random_phase_flip": False, "drop_last": False, "samples_per_epoch": None}
    return with_options(data, {"split": "train"}), with_options(data, {"split": "held_out", **whole})


def _loader(
    experiment: TrainExperimentConfig, dataset: BaseModel, fabric: Fabric, shuffle: bool, allow_code: bool
) -> Any:
    model: Any = experiment.model_config_
    return create_dataloader_from_config(
        dataset,
        experiment.batch_size,
        model.sample_size or 1,
        model.sample_rate,
        getattr(model, "audio_channels", 1),
        experiment.num_workers,
        shuffle,
        seed=experiment.seed,
        rank=fabric.global_rank,
        world_size=fabric.world_size,
        allow_code=allow_code,
    )


def _validation(
    experiment: TrainExperimentConfig, held_out: Any, fabric: Fabric, allow_code: bool
) -> Validation | None:
    if held_out is None:
        return None
    loader = _loader(experiment, held_out, fabric, shuffle=False, allow_code=allow_code)
    return Validation(loader, experiment.val_batches, experiment.seed)


def _last_validation(file: Path) -> dict[str, float]:
    """The figures of the last validation of an earlier process."""
    found = [record for record in read_metrics(file) if record["split"] == "val"] if file.exists() else []
    return {name: value for name, value in found[-1].items() if name not in {"step", "split"}} if found else {}


def _best(experiment: TrainExperimentConfig, main: str, file: Path, start: int) -> Best | None:
    """The best validation so far of those up to the step at which the run goes on."""
    if experiment.best_metric is None or experiment.val_batches == 0:
        return None
    records = read_metrics(file) if file.exists() else []
    metric = main if experiment.best_metric == "auto" else experiment.best_metric
    return Best(metric, [record for record in records if record["step"] <= start])


def _speed_up(experiment: TrainExperimentConfig, model: Any) -> None:
    """Compile and recompute, in place, so that names of parameters stay as they are."""
    for part in (model.encoder, model.decoder):
        if experiment.gradient_checkpointing:
            recompute_stages(part)
        if experiment.compile:
            part.compile()


def _write_experiment(folder: Path, text: str) -> None:
    with atomic_file(folder / "experiment.json") as temporary:
        temporary.write_text(json.dumps(json.loads(text), indent=2) + "\n", encoding="utf-8")
