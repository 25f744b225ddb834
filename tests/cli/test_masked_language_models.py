"""Masked language models by the commands that other language models have."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from support.tiny_lm import CODEBOOK_SIZE, config, masked_config
from support.tiny_models import shaken

from narrows.cli import main
from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.entropy_coding import EntropyError, check_language_model


def saved(document: dict[str, object], folder: Path) -> Path:
    torch.manual_seed(0)
    model = create_model_from_config(document)
    shaken(model.lm)
    return save_model(model.eval(), folder)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return saved(masked_config(decoding={"steps": [3, 2]}), tmp_path / "masked")


def sounds_of(folder: Path) -> list[np.ndarray]:
    return [soundfile.read(path)[0] for path in sorted(folder.glob("*.wav"))]


def test_sounds_are_generated_and_made_anew_in_part(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "sound.wav"
    soundfile.write(sound, np.random.default_rng(0).normal(0, 0.3, 1600), 8000, subtype="FLOAT")
    base = ["generate", str(model), "--temperature", "3", "--top-p", "0.9", "--seconds", "0.2"]
    assert main([*base, "--count", "2", "-o", str(tmp_path / "free")]) == 0
    assert main([*base, "--steps", "1", "-o", str(tmp_path / "fast")]) == 0
    assert main([*base, "--inpaint", str(sound), "--region", "0.05:0.1", "-o", str(tmp_path / "filled")]) == 0
    free, fast, filled = (sounds_of(tmp_path / name) for name in ("free", "fast", "filled"))
    assert [len(sounds) for sounds in (*free, *fast, *filled)] == [160] * 4
    assert not np.array_equal(free[0], free[1])
    assert not np.array_equal(free[0], fast[0])
    beside = json.loads(next((tmp_path / "filled").glob("*.json")).read_text())
    assert beside["request"]["regions"] == [[0.05, 0.1]]
    with pytest.raises(SystemExit):
        main([*base, "--region", "x", "-o", str(tmp_path / "none")])
    capsys.readouterr()
    assert main([*base, "--inpaint", str(sound), "-o", str(tmp_path / "none")]) == 1
    assert "inpaint and regions together" in capsys.readouterr().err


def test_other_language_models_fill_in_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved(config(), tmp_path / "lm")
    assert main(["generate", str(folder), "--seconds", "0.1", "--steps", "4", "-o", str(tmp_path / "none")]) == 1
    assert "steps is for diffusion models and masked language models" in capsys.readouterr().err


def test_it_is_validated_inspected_and_evaluated(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = str(model / "model_config.json")
    assert main(["validate", document]) == 0
    assert main(["inspect", document]) == 0
    assert "of activations (float32, one guided sound)" in capsys.readouterr().out
    music = tmp_path / "music"
    music.mkdir()
    for number in range(4):
        noise = np.random.default_rng(number).normal(0, 0.3, 3200)
        soundfile.write(music / f"{number}.wav", noise, 8000, subtype="FLOAT")
    assert main(["evaluate", str(model), str(music), "--json", str(tmp_path / "figures.json")]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())[str(model)]["total"]
    assert figures["cross_entropy"] > 0
    assert {"cross_entropy/bigram", "generated/divergence"} <= figures.keys()


def test_it_codes_no_files(model: Path) -> None:
    with pytest.raises(EntropyError, match="no order in which tokens could be coded"):
        check_language_model(load_model(model), 4, CODEBOOK_SIZE)


def test_the_folder_makes_the_same_sound(model: Path, tmp_path: Path) -> None:
    loaded = load_model(model)
    assert isinstance(loaded, AudioLanguageModel)
    again = load_model(save_model(loaded, tmp_path / "again"))
    one, two = (m.generate(seconds=0.1, seed=4, return_info=True).codes[0] for m in (loaded, again))
    assert torch.equal(one, two)
    assert int(one.max()) < CODEBOOK_SIZE
