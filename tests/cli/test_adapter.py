"""Adapters from training to sounds, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
import torch
import yaml
from support.adapters import base_model, content, new_adapters, trained
from support.diffusion_cases import diffusion_model, tone_data, write_tones
from support.training_cases import experiment_config

from narrows.cli.main import main
from narrows.models import load_model, save_model
from narrows.models.adapters import write_adapter


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(base_model(), tmp_path_factory.mktemp("base") / "model")


def adapter(base: Path, path: Path, kind: str = "lora") -> Path:
    model = load_model(base)
    return write_adapter(path, content(model, trained(new_adapters(model, kind))))


def test_from_training_to_sounds(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = diffusion_model(lora_config={"rank": 2, "adapter_type": "dora"})
    settings = {"pretrained_ckpt_path": str(base), "batch_size": 4, "steps": 2}
    document = experiment_config(Path("unused"), tmp_path / "runs", model, **settings)
    data = tone_data(write_tones(tmp_path / "tones", 4))
    document |= {"dataset_config": data, "val_dataset_config": data}
    (tmp_path / "experiment.yaml").write_text(yaml.safe_dump(document))
    assert main(["validate", str(tmp_path / "experiment.yaml")]) == 0
    assert main(["train", "--config", str(tmp_path / "experiment.yaml")]) == 0
    made = tmp_path / "runs/run/model"
    assert main(["adapter", "inspect", str(made), str(base)]) == 0
    told = capsys.readouterr().out
    assert "dora-rows" in told
    assert "This is the model that it was trained on." in told
    assert "model.model.transformer.layers.1" in told
    generate = ["--condition", "class=1", "--seconds", "0.05", "--steps", "2", "--seed", "3", "-o"]
    assert main(["generate", str(base), "--adapter", f"{made}=0.5", *generate, str(tmp_path / "a")]) == 0
    assert "‖ΔW‖/‖W‖" in capsys.readouterr().err
    beside = json.loads((tmp_path / "a/0000.json").read_text())
    assert beside["adapters"][0]["strength"] == 0.5
    assert len(beside["adapters"][0]["sha256"]) == 64
    assert main(["adapter", "merge", str(base), f"{made}=0.5", "-o", str(tmp_path / "merged")]) == 0
    assert main(["generate", str(tmp_path / "merged"), *generate, str(tmp_path / "b")]) == 0
    assert main(["generate", str(base), *generate, str(tmp_path / "c")]) == 0
    sounds = {name: torch.from_numpy(soundfile.read(tmp_path / name / "0000.wav")[0]) for name in "abc"}
    assert torch.equal(sounds["a"], sounds["b"])
    assert not torch.equal(sounds["a"], sounds["c"])


def test_noise_levels_are_part_of_what_a_sound_is(base: Path, tmp_path: Path) -> None:
    path = adapter(base, tmp_path / "a.safetensors")
    sounds = []
    for use in (f"{path}=1:0-0.4", f"{path}=1"):
        arguments = ["--condition", "class=1", "--seconds", "0.05", "--steps", "3", "-o", str(tmp_path / "out")]
        assert main(["generate", str(base), "--adapter", use, *arguments]) == 0  # made again: it came to be otherwise
        sounds.append((tmp_path / "out/0000.wav").read_bytes())
    assert sounds[0] != sounds[1]


def test_convert_extract_and_bases(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = adapter(base, tmp_path / "a.safetensors")
    assert main(["adapter", "convert", str(path), str(base), "--to", "peft", "-o", str(tmp_path / "peft")]) == 0
    assert main(["adapter", "inspect", str(tmp_path / "peft"), str(base), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert (told["kind"], told["layout"], told["effect"]["base"]) == ("lora", "PEFT", "unknown")
    assert told["effect"]["whole"]["layers"] == told["layers"] == len(told["names"])
    assert main(["adapter", "merge", str(base), str(path), "-o", str(tmp_path / "merged")]) == 0
    extracted = str(tmp_path / "b.safetensors")
    assert main(["adapter", "extract", str(base), str(tmp_path / "merged"), "--rank", "4", "-o", extracted]) == 0
    assert "100.0% of the change" in capsys.readouterr().out
    assert main(["adapter", "bases", str(base), "--rank", "3", "-o", str(tmp_path / "bases.pt")]) == 0
    assert torch.load(tmp_path / "bases.pt", weights_only=True)


def test_what_cannot_be_done_is_one_line(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(adapter(base, tmp_path / "a.safetensors", "bora"))
    wrong = {
        "the noise level": ["adapter", "merge", str(base), f"{path}=1:0-0.5", "-o", str(tmp_path / "m")],
        "would be lost": ["adapter", "merge", str(base), path, "-o", str(base)],
        "not finite at this strength": ["adapter", "merge", str(base), f"{path}=1e39", "-o", str(tmp_path / "m")],
        "is what is read": ["adapter", "bases", str(base), "-o", str(base / "model.safetensors")],
        "a.safetensors is what is read": ["adapter", "convert", path, str(base), "--to", "narrows", "-o", path],
        "No such adapter": ["adapter", "inspect", str(tmp_path / "missing")],
        "No such model": ["adapter", "inspect", path, str(tmp_path / "missing")],
        "PEFT has no": ["adapter", "convert", path, str(base), "--to", "peft", "-o", str(tmp_path / "peft")],
        "at least 1": ["adapter", "bases", str(base), "--rank", "0", "-o", str(tmp_path / "bases.pt")],
        "must be a finite number": ["generate", str(base), "--adapter", f"{path}=nan", "-o", str(tmp_path / "out")],
        "finite number, got '-Inf'": ["adapter", "merge", str(base), f"{path}:-Inf:0-1", "-o", str(tmp_path / "m")],
        "must rise": ["generate", str(base), "--adapter", f"{path}=1:0.6-0.5", "-o", str(tmp_path / "out")],
    }
    for reason, arguments in wrong.items():
        assert main(arguments) == 1
        error = capsys.readouterr().err.strip()
        assert reason in error
        assert len(error.splitlines()) == 1
    assert not (tmp_path / "m").exists()
    assert not (tmp_path / "out").exists()


def test_files_of_others_are_not_replaced(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(adapter(base, tmp_path / "a.safetensors", "lora"))
    (tmp_path / "note.txt").write_text("mine")
    (tmp_path / "peft").mkdir()
    (tmp_path / "peft/adapter_config.json").write_text("mine")
    note = str(tmp_path / "note.txt")
    for arguments in (
        ["convert", path, str(base), "--to", "narrows", "-o", note],
        ["convert", path, str(base), "--to", "peft", "-o", str(tmp_path / "peft")],
        ["extract", str(base), str(base), "-o", note],
        ["bases", str(base), "-o", note],
    ):
        assert main(["adapter", *arguments]) == 1
        assert "is there already; --overwrite" in capsys.readouterr().err
    assert (tmp_path / "note.txt").read_text() == (tmp_path / "peft/adapter_config.json").read_text() == "mine"
    assert main(["adapter", "bases", str(base), "--rank", "2", "-o", note, "--overwrite"]) == 0
