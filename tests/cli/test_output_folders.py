"""Commands that write a folder leave everything in it that is not theirs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrows.cli import main
from narrows.models import create_model_from_config, load_model, save_model

SHAPE = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}
MODEL = {
    "model_type": "autoencoder",
    "sample_rate": 8000,
    "sample_size": 8192,
    "audio_channels": 1,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 1, "latent_dim": 6, **SHAPE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 1, "latent_dim": 6, **SHAPE}},
        "bottleneck": {"type": "tanh"},
        "latent_dim": 6,
        "downsampling_ratio": 8,
        "io_channels": 1,
    },
}
NOTES = {"README.md": "mine", "model.ckpt": "older", ".hidden": "x", "deep/notes.txt": "y"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with things of the user and weights in it."""
    model = save_model(create_model_from_config(MODEL), tmp_path / "model")
    work = tmp_path / "work"
    (work / "deep").mkdir(parents=True)
    for name, text in NOTES.items():
        (work / name).write_text(text)
    shutil.copy(model / "model.safetensors", work / "weights.safetensors")
    shutil.copy(model / "model_config.json", work / "config.json")
    monkeypatch.chdir(work)
    return work


def intact(folder: Path) -> bool:
    return {name: (folder / name).read_text() for name in NOTES} == NOTES


@pytest.mark.parametrize("output", [".", "$PWD", "../work", "new/deep", "link"])
def test_convert_leaves_the_source_and_all_else(output: str, folder: Path) -> None:
    (folder.parent / "real").mkdir()
    (folder / "link").symlink_to("../real")
    output = output.replace("$PWD", str(folder))
    assert main(["convert", "weights.safetensors", "--config", "config.json", "-o", output]) == 0
    assert intact(folder)
    assert (folder / "weights.safetensors").exists()
    assert load_model(output).sample_rate == 8000


def test_convert_replaces_nothing_that_it_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree("../model", "given")
    before = {path.name: path.read_bytes() for path in Path("given").iterdir()}
    line = ["convert", "given/model.safetensors", "--config", "given/model_config.json", "-o", "given"]
    assert main(line) == 1
    assert "would be replaced" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path("given").iterdir()} == before


def test_convert_replaces_no_other_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree("../model", "other")
    Path("other/model.safetensors").write_bytes(b"weights of months")
    line = ["convert", "weights.safetensors", "--config", "config.json", "-o", "other"]
    assert main(line) == 1
    assert "--overwrite replaces it" in capsys.readouterr().err
    assert Path("other/model.safetensors").read_bytes() == b"weights of months"
    assert main([*line, "--overwrite"]) == 0
    assert load_model("other").sample_rate == 8000


@pytest.fixture
def music(folder: Path) -> Path:
    soundfile.write(folder.parent / "a.wav", 0.1 * np.sin(np.arange(4000) / 5), 8000)
    return folder.parent / "a.wav"


FOREIGN = [b"RIFF of mine", b'{"prompt": "rain"}', b"[1, 2]", b"<!DOCTYPE html><title>Mine</title>", b"\xff"]
EVALUATE = ["evaluate", "../model", "../a.wav", "--device", "cpu"]
REPORTS = [
    [*EVALUATE, "--json"],
    [*EVALUATE, "--html"],
    [*EVALUATE, "--codec-superb"],
    ["data", "inspect", "..", "--html"],
    ["generate", "../model", "-o", "sounds", "--html"],
]


@pytest.mark.usefixtures("music")
@pytest.mark.parametrize("line", REPORTS, ids=lambda line: f"{line[0]} {line[-1]}")
def test_a_report_replaces_no_other_file(line: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in FOREIGN:
        Path("mine").write_bytes(content)
        assert main([*line, "mine"]) == 1
        assert "mine is there already and is no such report" in capsys.readouterr().err
        assert Path("mine").read_bytes() == content
    assert main([*line, "deep"]) == 1
    assert "deep is a folder" in capsys.readouterr().err
    assert intact(folder)


@pytest.mark.usefixtures("music")
def test_a_report_replaces_an_earlier_one(folder: Path) -> None:
    Path("a.json").touch()
    names = {"--json": "a.json", "--html": "a.html", "--codec-superb": "superb.json"}
    for _ in range(2):
        assert main([*EVALUATE, *(part for pair in names.items() for part in pair)]) == 0
        assert main(["data", "inspect", "..", "--html", "data.html"]) == 0
    assert all(Path(name).stat().st_size > 100 for name in (*names.values(), "data.html"))
    assert intact(folder)


def test_two_reports_need_two_files(music: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "../model", str(music), "--json", "x", "--codec-superb", "./x"]) == 1
    assert "a file of their own" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["README.md", "README.md/x", "taken"])
def test_what_is_in_the_way_is_one_message(output: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "taken" / "model.safetensors").mkdir(parents=True)
    assert main(["convert", "weights.safetensors", "--config", "config.json", "-o", output]) == 1
    assert "folder" in capsys.readouterr().err
    assert intact(folder)


def test_save_model_keeps_notes_and_replaces_its_own(folder: Path) -> None:
    for _ in range(2):
        save_model(create_model_from_config(MODEL), ".")
        assert intact(folder)
        assert load_model(".").sample_rate == 8000


@pytest.mark.parametrize(
    "line",
    [
        "convert weights.safetensors --config config.json -o s3://bucket/model",
        "data index . -o memory://x",
        "evaluate . . --html gs://b/x",
        "evaluate . . --save gs://b/x",
    ],
)
def test_an_address_is_no_folder_of_that_name(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.rglob("*"))
    assert main(line.split()) == 1
    assert "is an address: a place on this machine is wanted" in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before
