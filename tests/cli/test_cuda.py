"""`narrows encode`, `decode` and `evaluate` on a GPU do what they do on the CPU."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from cli.test_commands import MODEL
from support.gpu import difference, equal_share, exact  # noqa: F401
from support.tiny_models import shaken

from narrows.cli import main
from narrows.cli.devices import choose_device
from narrows.models import create_model_from_config, save_model
from narrows.models.codec import read_codec_file

pytestmark = pytest.mark.cuda
DEVICE = "cuda"

SAMPLES = 9871
RESIDUAL = {"type": "residual_fsq", "config": {"levels": [5, 5, 5], "num_quantizers": 3, "dim": 6}}
BOTTLENECKS: dict[str, Any] = {"tokens": RESIDUAL, "latents": None}


@pytest.fixture(params=BOTTLENECKS)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    torch.manual_seed(0)
    document = {**MODEL, "model": {**MODEL["model"], "bottleneck": BOTTLENECKS[request.param]}}
    return save_model(shaken(create_model_from_config(document)), tmp_path / "model")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "clip.wav", np.random.default_rng(0).normal(0, 0.1, SAMPLES), 8000)
    return tmp_path / "clip.wav"


def run(command: str, model: Path, source: Path, folder: Path, device: str, *options: str) -> Path:
    """What a command makes of a file."""
    assert main([command, str(model), str(source), "-o", str(folder), "--device", device, *options]) == 0
    (made,) = folder.iterdir()
    return made


def test_encoding_and_decoding(model: Path, clip: Path, tmp_path: Path) -> None:
    here = run("encode", model, clip, tmp_path / "here", "cpu")
    there = run("encode", model, clip, tmp_path / "there", DEVICE)
    (header, wanted), (same, got) = read_codec_file(here), read_codec_file(there)
    assert same == header
    if header.content == "tokens":
        assert equal_share(got, wanted) >= 0.999
    else:
        assert difference(got, wanted) < 1e-4
    sounds = [
        soundfile.read(run("decode", model, here, tmp_path / f"decoded{number}", device), dtype="float32")[0]
        for number, device in enumerate(("cpu", DEVICE))
    ]
    assert sounds[0].shape == sounds[1].shape == (SAMPLES,)
    assert difference(*map(torch.from_numpy, sounds)) < 1e-3


def test_bfloat16_gives_the_whole_file(model: Path, clip: Path, tmp_path: Path) -> None:
    options = (DEVICE, "--precision", "bfloat16")
    codes = run("encode", model, clip, tmp_path / "codes", *options)
    assert soundfile.info(run("decode", model, codes, tmp_path / "decoded", *options)).frames == SAMPLES


def test_evaluating(model: Path, clip: Path, tmp_path: Path) -> None:
    found = []
    for number, device in enumerate(("cpu", DEVICE)):
        file = tmp_path / f"{number}.json"
        assert main(["evaluate", str(model), str(clip), "--device", device, "--json", str(file)]) == 0
        found.append(json.loads(file.read_text())["models"][str(model)]["total"])
    here, there = found
    for name in ("si_sdr", "mel_distance", "stft_distance", "kbit_per_second"):
        assert there[name] == pytest.approx(here[name], rel=1e-2)
    assert math.isfinite(there["real_time_factor"])


def test_a_gpu_is_taken_where_there_is_one() -> None:
    assert choose_device("auto") == DEVICE
