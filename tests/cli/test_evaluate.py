"""`narrows evaluate`, from the user's side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from narrows.cli import main
from narrows.models import create_model_from_config, save_model

SHAPE = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 4}
MODEL = {
    "model_type": "autoencoder",
    "sample_rate": 8000,
    "sample_size": 1024,
    "audio_channels": 1,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 1, **SHAPE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 1, **SHAPE}},
        "bottleneck": {"type": "fsq", "config": {"levels": [5, 5, 5, 5]}},
        "latent_dim": 4,
        "downsampling_ratio": 8,
        "io_channels": 1,
    },
}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for name, seconds in (("a.wav", 0.3), ("a.flac", 0.5)):
        noise = np.random.default_rng(1).normal(0, 0.1, int(8000 * seconds))
        soundfile.write(folder / name, noise, 8000)
    (folder / "broken.wav").write_text("this is no audio")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> list[str]:
    folders = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        folders.append(str(save_model(create_model_from_config(MODEL), tmp_path / f"model{seed}")))
    return folders


def test_two_models_side_by_side(
    models: list[str], music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, page = tmp_path / "out" / "figures.json", tmp_path / "out" / "page.html"
    command = ["evaluate", models[0], str(music), "--against", models[1], "--device", "cpu"]
    assert main([*command, "--json", str(figures), "--html", str(page), "--clips", "1"]) == 0
    printed = capsys.readouterr()
    assert "broken.wav: passed over" in printed.err
    assert all(word in printed.out for word in ("aligned_si_sdr", "kbit_per_second", "real_time_factor", *models))
    content = json.loads(figures.read_text())
    assert list(content["models"]) == models
    assert {Path(clip["file"]).name for clip in content["models"][models[1]]["clips"]} == {"a.wav", "a.flac"}
    assert page.read_text().count("<audio ") == 5


def test_nothing_that_can_be_read_fails(models: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.wav").write_text("this is no audio")
    assert main(["evaluate", models[0], str(tmp_path / "broken.wav"), "--device", "cpu"]) == 1
    assert "None of the files" in capsys.readouterr().err


def test_wrong_arguments(models: list[str], music: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", models[0], str(music), "--against", models[0]]) == 1
    assert main(["evaluate", models[0], str(music), "--rank-by", "beauty"]) == 1
    assert "No metric is called 'beauty'; there are si_sdr" in capsys.readouterr().err
    with pytest.raises(SystemExit) as raised:
        main(["evaluate", models[0], str(music), "--seconds", "0"])
    assert raised.value.code == 2
