"""`narrows pre-encode` under torchrun and SLURM: processes that share nothing but the file system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from support.small_autoencoder import RATE, autoencoder

from narrows.models import create_model_from_config, save_model

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "RANK", "WORLD"))}
ENVIRONMENT = CLEAN | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    for number in range(13):
        noise = np.random.default_rng(number).uniform(-0.5, 0.5, 1000 + 300 * (number % 4))
        soundfile.write(folder / f"{number:02d}.wav", noise, RATE, subtype="FLOAT")
    return folder


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    document = autoencoder(1, bottleneck={"type": "vae"}, latent_dim=3)
    document["model"]["decoder"]["config"] = {**document["model"]["decoder"]["config"], "latent_dim": 3}
    return save_model(create_model_from_config(document), tmp_path_factory.mktemp("vae") / "model")


def command(model: Path, sounds: Path, output: Path) -> list[str]:
    values = {"ckpt_path": model, "data.path": sounds, "output_path": output, "accelerator": "cpu", "shard_size": 2}
    return ["pre-encode", *(f"{key}={value}" for key, value in values.items())]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def alone(sounds: Path, vae: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    output = tmp_path_factory.mktemp("alone") / "out"
    narrows = [sys.executable, "-m", "narrows.cli", *command(vae, sounds, output)]
    subprocess.run(narrows, env=ENVIRONMENT, check=True, capture_output=True, timeout=300)
    assert len(list(output.glob("*.tar"))) == 7
    return contents(output)


@pytest.mark.slow
def test_torchrun(sounds: Path, vae: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0"]
    torchrun += ["-m", "narrows.cli", *command(vae, sounds, tmp_path / "out")]
    done = subprocess.run(torchrun, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "out") == alone


@pytest.mark.slow
def test_slurm(sounds: Path, vae: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    narrows = [sys.executable, "-m", "narrows.cli", *command(vae, sounds, tmp_path / "out")]
    ranks = []
    for rank in range(2):
        place = {"SLURM_PROCID": str(rank), "SLURM_NTASKS": "2", "SLURM_LOCALID": str(rank), "SLURM_JOB_NAME": "encode"}
        ranks.append(subprocess.Popen(narrows, env=ENVIRONMENT | place, stdout=subprocess.PIPE, text=True))
    said = [rank.communicate(timeout=300)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0]
    assert any("is complete" in text for text in said)
    clips = sorted(int(text.partition(" clips")[0]) for text in said)
    assert sum(clips) == 13
    assert clips[0] > 0
    assert contents(tmp_path / "out") == alone
