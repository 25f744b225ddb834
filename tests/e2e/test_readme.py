"""The README's commands in a fresh clone: the quick start, and what a user does with its model."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.fresh_clone import ROOT, Run

RUN = Path("runs/quickstart")
# The first test installs a clone and trains in it: two minutes on two free cores, and more than the usual limit on
# busy ones.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def quickstart(clone: Path, uv: Run) -> str:
    """What the first command of the README prints."""
    command = re.search(r"pip install uv && (uv run narrows train)", (ROOT / "README.md").read_text())
    assert command, "the README no longer names the command"
    return uv(*command[1].split()[2:]).stdout


def test_the_quick_start_leaves_everything_it_promises(clone: Path, quickstart: str) -> None:
    run = clone / RUN
    for name in (
        "report.html",
        "experiment.json",
        "metrics.jsonl",
        "model/model_config.json",
        "model/model.safetensors",
    ):
        assert (run / name).is_file(), f"{name} is missing:\n{quickstart}"
        assert "report.html" in quickstart
    assert list((run / "checkpoints").glob("*.ckpt"))
    assert len(list((run / "audio").glob("*.wav"))) == 4, "two held-out clips, each original and reconstructed"
    assert list((run / "demos").rglob("*.png"))


def test_training_made_it_clearly_better(clone: Path, quickstart: str) -> None:
    records = [json.loads(line) for line in (clone / RUN / "metrics.jsonl").read_text().splitlines()]
    validations = [record for record in records if record["split"] == "val"]
    first, last = validations[0], validations[-1]
    assert last["si_sdr"] > first["si_sdr"] + 5
    assert last["mel_distance"] < 0.6 * first["mel_distance"]


@pytest.mark.parametrize(("rate", "channels", "ending"), [(44100, 2, "flac"), (22050, 1, "wav"), (44100, 2, "mp3")])
def test_encode_then_decode_gives_back_length_rate_and_channels(
    rate: int, channels: int, ending: str, clone: Path, uv: Run, quickstart: str, tmp_path: Path
) -> None:
    source = tmp_path / f"clip.{ending}"
    if ending == "mp3":
        shutil.copy(ROOT / "packages/data/src/narrows/data/quickstart/train/loop_safari.mp3", source)
    else:
        noise = np.random.default_rng(0).normal(0, 0.1, (rate + 123, channels))
        soundfile.write(source, noise, rate)
    info = soundfile.info(source)
    uv("narrows", "encode", str(RUN / "model"), str(source), "-o", str(tmp_path / "codes"))
    (codes,) = (tmp_path / "codes").iterdir()
    uv("narrows", "decode", str(RUN / "model"), str(codes), "-o", str(tmp_path / "out"))
    (decoded,) = (tmp_path / "out").iterdir()
    result = soundfile.info(decoded)
    assert (result.samplerate, result.channels, result.frames) == (info.samplerate, info.channels, info.frames)


def test_bad_files_are_passed_over_and_named_once(clone: Path, uv: Run, quickstart: str, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    shutil.copytree(ROOT / "packages/data/src/narrows/data/quickstart/train", folder)
    (folder / "empty.wav").touch()
    (folder / "text.flac").write_text("this is no audio")
    result = uv("narrows", "train", f"data.path={folder}", "name=mixed", "steps=6", "val_every=100", "batch_size=4")
    printed = result.stdout + result.stderr
    assert printed.count("empty.wav") == 1
    assert printed.count("text.flac") == 1


def test_a_wrong_override_is_explained(uv: Run) -> None:
    result = uv("narrows", "train", "model.latnt_dim=3", code=1)
    assert "Unknown key 'latnt_dim'" in result.stderr
    assert "Did you mean 'latent_dim'?" in result.stderr
