"""Ray's TorchTrainer as the launcher of a training."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from support.training_cases import experiment_config, model_config

from narrows.pipelines.engines.errors import EngineError
from narrows.training import train
from narrows.training.checkpoints.files import read_checkpoint

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
