"""Ray's TorchTrainer as the launcher of a training."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.training_cases import experiment_config, model_config

from narrows.configs.storage import StorageError
from narrows.data import DataError
from narrows.pipelines.engines.errors import EngineError
from narrows.training import train
from narrows.training.checkpoints.files import read_checkpoint
from narrows.training.distributed.failures import ProcessFailedError
from narrows.training.non_finite import TrainingDivergedError

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray (extra ray)"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::UserWarning"),
]


@pytest.mark.long
def test_two_processes_of_a_cluster_train_as_two_of_torchrun_do(clips: Path, tmp_path: Path) -> None:
    from support.ray_cluster import ray_cluster

    shared = {"steps": 3, "global_batch_size": 4, "batch_size": 2, "val_batches": 0}
    config = experiment_config(clips, tmp_path / "ray", model_config(), devices=2, engine="ray", **shared)
    with ray_cluster(1, cpus=3):
        result = train(config, progress=False)
    assert result.step == 3
    assert result.checkpoint.is_dir()
    assert read_checkpoint(result.checkpoint)["loader"] == {"sample": 12}
    assert not (tmp_path / "ray/.ray").exists()
    # One process goes on from there.
    alone = experiment_config(clips, tmp_path / "ray", model_config(), **{**shared, "steps": 4})
    assert train(alone, progress=False).step == 4


@pytest.mark.long
def test_a_cluster_without_gpus_is_told_so(clips: Path, tmp_path: Path) -> None:
    from support.ray_cluster import ray_cluster

    config = experiment_config(clips, tmp_path, model_config(), engine="ray", accelerator="cuda")
    with ray_cluster(1, cpus=2), pytest.raises(EngineError, match="the cluster has no GPU"):
        train(config, progress=False)


def test_an_address_belongs_to_ray(clips: Path, tmp_path: Path) -> None:
    from narrows.configs import ConfigError

    with pytest.raises(ConfigError, match="belongs to engine 'ray'"):
        train(experiment_config(clips, tmp_path, model_config(), address="auto"), progress=False)


class Actor:
    """A verdict as Ray calls it, in this process."""

    def __init__(self) -> None:
        from narrows.training.distributed.on_ray import Verdict

        self._verdict = Verdict()

    def __getattr__(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(remote=getattr(self._verdict, name))


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (DataError("the folder is gone"), "the folder is gone"),
        (FileNotFoundError(2, "No such file", "x.py"), "FileNotFoundError: [Errno 2] No such file: 'x.py'"),
        (TrainingDivergedError("10 bad steps"), "10 bad steps"),
        (ProcessFailedError("process 1 is gone"), ""),
        (StorageError("s3://a: the server does not answer"), ""),
        (RuntimeError("NCCL error"), ""),
        (SystemExit(1), ""),
    ],
)
def test_an_error_that_would_come_again_ends_the_run(
    error: BaseException, lasting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What raises is started again by Ray; what returns is not, in any process."""
    import ray

    from narrows.training.distributed import on_ray

    monkeypatch.setattr(ray, "get", lambda value: value)
    monkeypatch.setattr(on_ray, "PATIENCE", 0.0)
    calls: list[str] = []

    def train(experiment: object, **options: object) -> None:
        calls.append("train")
        raise error

    verdict: Any = Actor()
    orders = {"folder": str(tmp_path), "experiment": "{}", "allow_code": False, "verdict": verdict, "train": train}
    monkeypatch.chdir(tmp_path)
    if lasting:
        assert on_ray._train(orders) == {}
        assert on_ray._train({**orders, "train": None}) == {}  # another process, started again
    else:
        with pytest.raises(Exception, match=r"gone|answer|NCCL|Another process failed"):
            on_ray._train(orders)
    assert verdict.text.remote() == lasting
    assert calls == ["train"]


@pytest.mark.long
def test_a_cluster_does_not_try_a_lasting_error_again(clips: Path, tmp_path: Path) -> None:
    from support.ray_cluster import ray_cluster

    config = experiment_config(clips, tmp_path / "run", model_config(), steps=2, devices=2, engine="ray")
    config["dataset_config"] = {"dataset_type": "audio_dir", "path": str(tmp_path / "nowhere")}
    with ray_cluster(1, cpus=3), pytest.raises(EngineError, match="nowhere does not exist") as caught:
        train(config, progress=False)
    assert "max_restarts" not in str(caught.value)
