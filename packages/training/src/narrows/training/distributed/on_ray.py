"""Training on a Ray cluster: its TorchTrainer places the processes, and starts them again when one is lost.

Each process is one of `narrows.training.train`, which goes on from the last checkpoint; Ray knows nothing of these. An
error that would come again (a wrong option, a missing file, a training that diverges) ends the run at once.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from narrows.configs import NarrowsError, TrainExperimentConfig
from narrows.configs.storage import StorageError, address_of
from narrows.pipelines.engines.errors import EngineError
from narrows.pipelines.engines.on_ray import Cluster, connected
from narrows.training.distributed.failures import ProcessFailedError
from narrows.training.run_lock import RunInUseError

LASTING = (
    *(NarrowsError, FileNotFoundError, PermissionError, ImportError),
    *(TypeError, ValueError, LookupError, AttributeError, AssertionError, ArithmeticError),
)
"""Errors that a process would meet again."""
PASSING = (ProcessFailedError, RunInUseError, StorageError)
"""Those of them that it may not: another process is gone, or has not gone yet, or a storage does not answer."""
PATIENCE = 10.0
"""Seconds that a process whose neighbour failed waits to hear whether that was for good."""
STATE = ".ray"
"""Where TorchTrainer keeps its own state, below `save_dir`; removed at the end where that is a folder."""


def train_on_ray(experiment: TrainExperimentConfig, train: Callable[..., Any], allow_code: bool) -> dict[str, Any]:
    """Train an experiment on a cluster.

    Args:
        experiment: `devices` x `num_nodes` are its processes, or the most of them with `global_batch_size`.
        train: what each process does: `narrows.training.train`.
        allow_code: for it.

    Returns:
        The fields of the `RunResult`, paths as text.

    Raises:
        EngineError: Ray is not installed, the cluster lacks what is asked, a process failed too often, or once with an
            error that would come again.
    """
    with connected(Cluster(address=experiment.address)):
        try:
            import ray.train
            from ray.train.torch import TorchTrainer
            from ray.train.v2.api.exceptions import TrainingFailedError
        except ImportError as error:
            raise EngineError(
                f"engine: ray trains with Ray's TorchTrainer, which lacks a package ({error}): "
                "pip install 'narrows[ray]'"
            ) from error
        gpu = _use_gpu(experiment)
        processes: Any = experiment.devices * experiment.num_nodes
        state = _state(experiment)
        verdict = _verdict()
        # Its types are those of an earlier interface.
        api: Any = ray.train
        launcher: Any = TorchTrainer
        trainer = launcher(
            _train,
            train_loop_config={**_orders(experiment), "train": train, "allow_code": allow_code, "verdict": verdict},
            scaling_config=api.ScalingConfig(
                num_workers=processes if experiment.global_batch_size is None else (1, processes),
                use_gpu=gpu,
                resources_per_worker={"CPU": 1, **({"GPU": 1} if gpu else {})},
            ),
            run_config=api.RunConfig(
                name=experiment.name,
                storage_path=state,
                failure_config=api.FailureConfig(max_failures=experiment.max_restarts),
            ),
        )
        try:
            found = trainer.fit()
        except TrainingFailedError as error:
            raise EngineError(_told(verdict) or _reason(error, experiment)) from error
        finally:
            if address_of(state) is None:
                shutil.rmtree(state, ignore_errors=True)
        if lasting := _told(verdict):
            raise EngineError(lasting)
        result: dict[str, Any] = found.return_value
        return result


def _orders(experiment: TrainExperimentConfig) -> dict[str, Any]:
    own = experiment.model_copy(update={"engine": "local", "address": None})
    return {"experiment": own.model_dump_json(by_alias=True), "folder": str(Path.cwd())}


def _train(orders: dict[str, Any]) -> dict[str, Any]:
    """In each process of the cluster, whose place Ray tells as torchrun does; Ray keeps what the first one returns.

    Ray starts all processes again when one raises, so that an error that would come again is noted, and none raises.
    """
    folder, verdict = Path(orders["folder"]), orders["verdict"]
    if folder.is_dir():
        os.chdir(folder)  # Relative paths mean what they mean to the command.
    if _told(verdict):
        return {}
    try:
        result = orders["train"](json.loads(orders["experiment"]), progress=False, allow_code=orders["allow_code"])
    except (SystemExit, ProcessFailedError) as error:
        if _told(verdict, PATIENCE):
            return {}
        raise RuntimeError(str(error) if isinstance(error, ProcessFailedError) else "Another process failed") from error
    except LASTING as error:
        if isinstance(error, PASSING):
            raise
        _note(verdict, error)
        return {}
    return {key: str(value) if isinstance(value, Path) else value for key, value in vars(result).items()}


class Verdict:
    """What ends the run for good; an actor, which all processes and the command see."""

    def __init__(self) -> None:
        self._text = ""

    def note(self, text: str) -> None:
        """The first error counts."""
        self._text = self._text or text

    def text(self) -> str:
        """The error; empty where there is none."""
        return self._text


def _verdict() -> Any:
    import ray

    actor: Any = ray.remote(Verdict)
    return actor.options(num_cpus=0).remote()


def _note(verdict: Any, error: BaseException) -> None:
    import ray

    said = str(error) if isinstance(error, NarrowsError) else f"{type(error).__name__}: {error}"
    ray.get(verdict.note.remote(said))


def _told(verdict: Any, patience: float = 0.0) -> str:
    """The error that ends the run for good, if it comes in so many seconds; else nothing."""
    import ray

    until = time.monotonic() + patience
    while True:
        text = str(ray.get(verdict.text.remote()))
        if text or time.monotonic() >= until:
            return text
        time.sleep(0.2)


def _use_gpu(experiment: TrainExperimentConfig) -> bool:
    import ray

    cluster: Any = ray
    there = cluster.cluster_resources().get("GPU", 0) > 0
    if experiment.accelerator == "cuda" and not there:
        raise EngineError("accelerator: the cluster has no GPU: write accelerator=cpu, or join another cluster")
    if experiment.accelerator == "mps":
        raise EngineError("accelerator: mps is no device of a cluster; write cpu, cuda or auto")
    return there and experiment.accelerator != "cpu"


def _state(experiment: TrainExperimentConfig) -> str:
    address = address_of(experiment.save_dir)
    return f"{address}/{STATE}" if address is not None else str(Path(experiment.save_dir).absolute() / STATE)


def _reason(error: Any, experiment: TrainExperimentConfig) -> str:
    """What the processes said, the first that was no mere consequence."""
    failures = [getattr(one, "cause", None) or one for one in getattr(error, "worker_failures", {}).values()]
    own = [one for one in failures if isinstance(one, NarrowsError)]
    first = str((own or failures or [error])[0]).strip()
    last = first.splitlines()[-1] if first and not own else first
    return f"{last}\nRay started the processes again {experiment.max_restarts} times at most (max_restarts)"
