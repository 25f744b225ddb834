"""`narrows generate` with conditions that are audio files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from support import tiny_diffusion
from support.command_matrix import Outcome, run

from narrows.models import create_model_from_config, save_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and sounds of several rates and lengths."""
    folder = tmp_path_factory.mktemp("listening")
    torch.manual_seed(0)
    save_model(create_model_from_config(tiny_diffusion.listening()).eval(), folder / "model")
    draw = np.random.default_rng(0)
    for name, rate, samples in (("hum", 1000, 200), ("long", 4000, 9000), ("drums", 2000, 60)):
        soundfile.write(folder / f"{name}.wav", 0.5 * draw.standard_normal(samples), rate, subtype="FLOAT")
    return folder


def generate(folder: Path, out: Path, *words: object) -> Outcome:
    options = ["--steps", "2", "--seconds", "0.2", "--cfg-scale", "1", "--device", "cpu", "-o", str(out)]
    return run(["generate", str(folder / "model"), *map(str, words), *options])


def test_a_file_is_a_condition(folder: Path, tmp_path: Path) -> None:
    mix = json.dumps({"drums": str(folder / "drums.wav")})
    sounds = {}
    for name in ("hum", "long"):
        words = ("jazz", "--condition", f"melody={folder / name}.wav", "--condition", f"mix={mix}")
        outcome = generate(folder, tmp_path / name, *words)
        assert outcome.code == 0, outcome.error
        sounds[name] = soundfile.read(tmp_path / name / "0000-jazz.wav")[0]
    assert not np.allclose(sounds["hum"], sounds["long"])
    beside = json.loads((tmp_path / "hum" / "0000-jazz.json").read_text())
    assert beside["request"]["conditions"]["melody"] == f"{folder / 'hum'}.wav"
    digests = {key: hashlib.sha256((folder / f"{key}.wav").read_bytes()).hexdigest() for key in ("hum", "drums")}
    assert beside["input_sha256"] == {"conditions.melody": digests["hum"], "conditions.mix.drums": digests["drums"]}


def test_a_file_that_changed_makes_the_sound_again(folder: Path, tmp_path: Path) -> None:
    hum = tmp_path / "hum.wav"
    hum.write_bytes((folder / "hum.wav").read_bytes())
    words = ("jazz", "--condition", f"melody={hum}", "--condition", "mix={}")
    assert "1 written" in generate(folder, tmp_path / "out", *words).error
    assert "0 written" in generate(folder, tmp_path / "out", *words).error
    hum.write_bytes((folder / "long.wav").read_bytes())
    assert "1 written" in generate(folder, tmp_path / "out", *words).error


def test_prompt_files_name_files_beside_them(folder: Path, tmp_path: Path) -> None:
    lines = [{"prompt": "rock", "conditions": {"melody": f"{name}.wav"}} for name in ("hum", "long")]
    lines.append({**lines[0], "negative": {"melody": "long.wav"}})
    (folder / "prompts.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    outcome = generate(folder, tmp_path, "--prompts", folder / "prompts.jsonl", "--condition", "mix={}")
    assert outcome.code == 0, outcome.error
    beside = json.loads((tmp_path / "0002-rock.json").read_text())
    assert set(beside["input_sha256"]) == {"conditions.melody", "negative.melody"}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("melody=nothing.wav", "nothing.wav"),
        ("melody=3", "'melody' must be an audio file's path, got 3"),
        ("mix=hum.wav", "'mix' must be a path for each of its sources"),
        ('mix={"piano": "hum.wav"}', "must have the sources drums, bass, not 'piano'"),
    ],
)
def test_a_wrong_file_is_one_message(folder: Path, tmp_path: Path, condition: str, said: str) -> None:
    right = ("--condition", f"melody={folder / 'hum'}.wav", "--condition", "mix={}")
    outcome = generate(folder, tmp_path / "out", "rock", *right, "--condition", condition)
    assert outcome.code == 1
    assert said in outcome.error
    assert "Traceback" not in outcome.error
