"""What a run records of its steps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from support.training_cases import experiment_config, model_config

from narrows.configs import TrainExperimentConfig
from narrows.pipelines.metrics_log import read_metrics
from narrows.training.recorder import Recorder
from narrows.training.run_folder import RunFolder
from narrows.training.step_result import StepResult
from narrows.training.throughput import Throughput, Unit


def test_the_time_of_a_step_is_that_of_steps_alone(tmp_path: Path) -> None:
    experiment = TrainExperimentConfig.model_validate(experiment_config(tmp_path, tmp_path, model_config()))
    fabric, folder = Fabric(accelerator="cpu", devices=1), RunFolder(experiment)
    folder.path.mkdir()
    throughput = Throughput(fabric, Unit(), torch.float32)
    recorder = Recorder(experiment, fabric, folder, 3, False, "", throughput)
    result = StepResult({"loss": torch.tensor(1.0)})
    for step, seconds in ((4, 1.0), (5, 3.0)):
        recorder.add(result, step, seconds)
    recorder.log(5, 0.5, {})
    recorder.add(result, 6, 7.0)
    recorder.log(6, 0.0, {})
    recorder.close()
    records = [record for record in read_metrics(folder.path / "metrics.jsonl") if record["split"] == "train"]
    assert [record["seconds_per_step"] for record in records] == pytest.approx([2.0, 7.0])
    assert records[0]["loader_wait"] == pytest.approx(0.25)
