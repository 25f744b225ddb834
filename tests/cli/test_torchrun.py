"""`torchrun` and `narrows train` alone: several processes need nothing else, and train what one would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

SETTINGS = [
    "model.encoder.config.channels=4",
    "model.decoder.config.channels=4",
    "model.bottleneck=tanh",  # draws no noise, which each process would draw for itself
    # A ratio over the whole batch is not the mean of those over its halves.
    "training.loss_configs.spectral.config.w_sc=0",
    # Far below the usual: Adam makes large steps of small differences in rounding.
    "training.optimizer_configs.autoencoder.optimizer.config.lr=1e-4",
    "sample_size=4096",
    "steps=4",
    "num_workers=0",
    "val_every=4",
    "log_every=1",
    "accelerator=cpu",
    "logger=none",
]


def losses(folder: Path, launcher: list[str], arguments: list[str]) -> list[float]:
    """The loss of every step of a run."""
    command = [*launcher, "-m", "narrows.cli", "train", *SETTINGS, *arguments, f"save_dir={folder}", "name=run"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    records = map(json.loads, (folder / "run/metrics.jsonl").read_text().splitlines())
    return [record["loss"] for record in records if record["split"] == "train"]


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
def test_two_processes_of_torchrun_give_the_loss_of_one(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for number in range(8):
        noise = np.random.default_rng(number).normal(0, 0.1, (8000, 2))
        soundfile.write(music / f"{number}.wav", noise, 44100)
    data = [f"data.path={music}", f"val_dataset_config.path={music}"]
    alone = losses(tmp_path / "one", [sys.executable], [*data, "batch_size=4"])
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    together = losses(tmp_path / "two", torchrun, [*data, "batch_size=2", "devices=2"])
    assert len(alone) == 4
    assert together == pytest.approx(alone, rel=1e-5)
