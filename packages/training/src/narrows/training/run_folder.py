"""The folder of a run, `save_dir/name`: paths of its files, and the state that an earlier process left."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from narrows.configs import NarrowsError, TrainExperimentConfig
from narrows.configs.copies import local_copy
from narrows.configs.files import atomic_file
from narrows.configs.mirror import Mirror
from narrows.data.fingerprint import fingerprint
from narrows.models.checkpoints.sharded import INDEX
from narrows.pipelines.metrics_log import read_metrics
from narrows.training.checkpoints.checkpoint_state import Start
from narrows.training.checkpoints.files import (
    BEST,
    best_path,
    checkpoint_path,
    newest_checkpoint,
    read_checkpoint,
    remove_leftovers,
    remove_old,
    remove_other_bests,
    sharded_best_path,
    sharded_path,
    write_checkpoint,
    write_state,
)
from narrows.training.checkpoints.same_run import DATA, check_same_run
from narrows.training.checkpoints.sharded import ShardedWriter
from narrows.training.run_store import Uploads


class RunExistsError(NarrowsError, FileExistsError):
    """The folder holds a run, and `resume` is false."""


def metrics_of(validations: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The metrics of the last of several validations; empty without one."""
    last = validations[-1] if validations else {}
    return {name: value for name, value in last.items() if name not in {"step", "split"}}


class RunFolder:
    """Reads and writes the files of a run.

    Args:
        experiment: with its model and data files read in.
        mirror: where `save_dir` is in a storage, its folder here.
    """

    def __init__(self, experiment: TrainExperimentConfig, mirror: Mirror | None = None) -> None:
        self._mirror, self._uploads = mirror, Uploads(mirror)
        self.path = Path(experiment.save_dir) / experiment.name if mirror is None else mirror.folder
        self.checkpoints = self.path / "checkpoints"
        self.model = self.path / "model"
        self.demos = self.path / "demos"
        self._resume, self._keep = experiment.resume, experiment.keep_checkpoints
        self._ckpt_path = experiment.ckpt_path
        model: Any = experiment.model_config_
        self.texts = {
            "config": model.model_dump_json(by_alias=True),
            "experiment": experiment.model_dump_json(by_alias=True),
        }
        """Model file and experiment as JSON, for checkpoints."""
        self._experiment = experiment

    @cached_property
    def data(self) -> dict[str, str]:
        """What tells the files that are trained on from others under the same path, for checkpoints."""
        found = fingerprint(self._experiment.dataset_config)
        return {} if found is None else {DATA: str(found)}

    @property
    def best(self) -> Path | None:
        """The checkpoint of the best validation; None where there is none."""
        return best_path(self.checkpoints)

    def checkpoint(self, step: int) -> Path:
        """The checkpoint of a step."""
        return checkpoint_path(self.checkpoints, step)

    def start(self) -> Start:
        """Where to start from: the newest checkpoint of this run, another run's checkpoint, or nothing.

        Raises:
            RunExistsError: there is one, but the experiment does not resume.
            CheckpointError: it is of another experiment, or cannot be read.
        """
        remove_leftovers(self.checkpoints)
        found = newest_checkpoint(self.checkpoints)
        if found is None:
            return Start() if self._ckpt_path is None else Start(read_checkpoint(local_copy(self._ckpt_path)))
        path, state = found
        if not self._resume:
            raise RunExistsError(
                f"{self.path} already holds a run at step {state['step']}, and `resume` is false. Choose another "
                "`name`, or set `resume` to true"
            )
        check_same_run(state, {**self.texts, **self.data}, str(path))
        return Start(state, resumes=True, folder=path if path.is_dir() else None)

    def validations(self) -> list[dict[str, Any]]:
        """The validations logged by earlier processes."""
        file = self.path / "metrics.jsonl"
        return [record for record in read_metrics(file) if record["split"] == "val"] if file.exists() else []

    def write_experiment(self) -> None:
        """Write `experiment.json`."""
        with atomic_file(self.path / "experiment.json") as temporary:
            text = json.dumps(json.loads(self.texts["experiment"]), indent=2)
            temporary.write_text(text + "\n", encoding="utf-8")

    def save(self, state: Mapping[str, Any], beside: bool = False) -> None:
        """Write a checkpoint, and remove the oldest beyond `keep_checkpoints`.

        Args:
            state: of `RunState.capture`.
            beside: keep one more, since this one may be the last before something went wrong.
        """
        write_checkpoint(self.checkpoints, {**self.texts, **self.data, **state}, self._keep + int(beside))
        self.put()

    def save_sharded(self, writer: ShardedWriter, state: Mapping[str, Any]) -> None:
        """Begin to write a checkpoint to which all processes write their part; all of them call it.

        Args:
            writer: of the run.
            state: of `RunState.capture`, sharded.
        """
        folder = sharded_path(self.checkpoints, state["step"])
        self._write_sharded(folder, writer, state, lambda: remove_old(self.checkpoints, self._keep))

    def save_best_sharded(self, writer: ShardedWriter, state: Mapping[str, Any]) -> None:
        """Write the checkpoint of the best validation, which takes the place of the one before when it is whole.

        Each process writes its part.

        Args:
            writer: of the run.
            state: of `RunState.capture`, sharded.
        """
        folder = sharded_best_path(self.checkpoints, state["step"])
        self._write_sharded(folder, writer, state, lambda: remove_other_bests(self.checkpoints, folder))
        writer.wait()  # What is logged as the best is there, whoever dies next.

    def _write_sharded(
        self, folder: Path, writer: ShardedWriter, state: Mapping[str, Any], remove: Callable[[], list[str]]
    ) -> None:
        content = {**self.texts, **self.data, **state}
        writer.write(folder, content, partial(self._published, remove), partial(self._put_part, folder))

    def _published(self, remove: Callable[[], list[str]]) -> None:
        """What a new checkpoint replaces goes, from the storage too."""
        removed = remove()
        if self._mirror is not None:
            for name in removed:
                self._mirror.remove_folder(f"{self.checkpoints.name}/{name}", first=INDEX)
            self._mirror.put_changed()

    def _put_part(self, folder: Path, file: Path) -> bool:
        """Put a finished file of this process into the storage, under its later name; whether there is one."""
        if self._mirror is not None:
            self._mirror.put_as(file, f"{self.checkpoints.name}/{folder.name}/{file.name}")
        return self._mirror is not None

    def save_best(self, state: Mapping[str, Any]) -> None:
        """Write the checkpoint of the best validation."""
        path = write_state(self.checkpoints / BEST, {**self.texts, **self.data, **state})
        remove_other_bests(self.checkpoints, path)
        self.put()

    def put(self) -> None:
        """Begin to put what changed into the storage, where `save_dir` is in one."""
        self._uploads.begin()
