"""Every command reads the files that an experiment names, relative to the document that names them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from narrows.cli import main
from narrows.cli.compose import CONF, compose
from narrows.configs import ConfigError, load_config, read_document
from narrows.configs.experiments import FILE_OPTIONS, load_experiment, read_experiment
from narrows.configs.option_types import OBJECT, TEXT, option_types

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted([*(ROOT / "examples").glob("*.yaml"), *CONF.rglob("*.yaml")])
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
    "training": {"learning_rate": 1e-4},
}
EXPERIMENT = """\
experiment: train
name: named
model_config: m.json
dataset_config: parts/data.yaml
val_dataset_config: parts/data.yaml
"""


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`sub/exp.yaml`, with its files beside it, seen from the folder above."""
    (tmp_path / "sub" / "parts").mkdir(parents=True)
    (tmp_path / "sub" / "m.json").write_text(json.dumps(MODEL))
    (tmp_path / "sub" / "parts" / "data.yaml").write_text("dataset_type: audio_dir\npath: music\n")
    (tmp_path / "sub" / "exp.yaml").write_text(EXPERIMENT)
    monkeypatch.chdir(tmp_path)
    return Path("sub/exp.yaml")


def test_all_commands_agree(experiment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(experiment)]) == 0
    assert main(["inspect", str(experiment), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert facts["sample_rate"] == 8000
    assert main(["train", "--config", str(experiment), "--cfg", "job"]) == 0
    printed = capsys.readouterr().out
    assert "sub/parts/data.yaml:2" in printed
    typed = load_experiment(experiment)
    (tmp_path / "job.yaml").write_text(printed)
    assert load_config(tmp_path / "job.yaml") == load_experiment(compose(experiment, [])) == typed
    assert typed.model_config_ == load_config(MODEL)
    assert main(["migrate", "sub/m.json", "-o", "sub/migrated.yaml"]) == 0
    migrated = load_config(read_document(Path("sub/migrated.yaml")).data["model_config"])
    assert migrated.model == typed.model_config_.model


def test_a_pre_encode_document_names_files_too(experiment: Path, tmp_path: Path) -> None:
    path = tmp_path / "sub" / "encode.yaml"
    path.write_text("experiment: pre_encode\nckpt_path: x\noutput_path: y\ndataset_config: parts/data.yaml\n")
    assert main(["validate", "sub/encode.yaml"]) == 0
    assert main(["pre-encode", "--config", "sub/encode.yaml", "--cfg", "job"]) == 0
    assert load_experiment(path).dataset_config.path == "music"


def test_a_path_on_the_command_line_is_relative_to_the_working_folder(experiment: Path) -> None:
    overrides = ["model_config=sub/m.json", "dataset_config=sub/parts/data.yaml"]
    assert load_experiment(compose(experiment, overrides)) == load_experiment(experiment)
    with pytest.raises(ConfigError, match=r"Cannot read m\.json: there is no such file"):
        compose(experiment, ["model_config=m.json"])


def test_a_typed_experiment_and_a_dictionary_read_relative_to_the_working_folder(
    experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = load_experiment(experiment)
    document = read_experiment(experiment).data | {"model_config": "m.json"}
    monkeypatch.chdir("sub")
    assert load_experiment(document) == whole
    assert load_experiment(load_config(document)) == whole


@pytest.mark.parametrize("command", [["validate"], ["inspect"], ["train", "--config"]])
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("missing", "sub/exp.yaml:3"),
        ("folder", "is a folder"),
        ("broken", "sub/m.json:1"),
        ("list", "A configuration is an object"),
        ("wrong", "sub/m.json:3"),
    ],
)
def test_a_fault_is_placed_in_the_file_it_is_in(
    command: list[str], fault: str, told: str, experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = Path("sub/m.json")
    named.unlink()
    if fault == "folder":
        named.mkdir()
    elif fault != "missing":
        wrong = json.dumps({**MODEL, "sample_rate": -1}, indent=1)
        named.write_text({"broken": "{", "list": "[]", "wrong": wrong}[fault])
    assert main([*command, str(experiment)]) == 1
    printed = capsys.readouterr()
    assert told in printed.out + printed.err


def test_the_options_that_name_files_are_those_of_the_schemas() -> None:
    from narrows.configs._families import FAMILIES
    from narrows.configs._types import alternatives

    keys = set()
    for alternative in alternatives(FAMILIES["experiment"].union):
        for member in map(alternative.member, alternative.tags):
            keys |= {field.alias or name for name, field in member.model_fields.items()}
    both = {key for key in keys if {TEXT, OBJECT} <= option_types("experiment", (key,))}
    assert both == set(FILE_OPTIONS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_file_is_accepted(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(path)]) == 0, capsys.readouterr().out


def test_the_document_of_the_guide_to_pre_encoding_has_no_remarks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its clips are never cropped at random, whatever a training would do with the same data."""
    text = (ROOT / "docs" / "pre-encode.md").read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "pre_encode.yaml").write_text(text)
    assert main(["validate", str(tmp_path / "pre_encode.yaml")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'pre_encode.yaml'}: valid\n"


def test_what_is_left_to_the_command_line_is_named_and_training_insists(capsys: pytest.CaptureFixture[str]) -> None:
    example = str(ROOT / "examples" / "rvq.yaml")
    assert main(["validate", example]) == 0
    assert "Write data.path=VALUE" in capsys.readouterr().out
    assert main(["train", "--config", example]) == 1
    assert "'path' or 'datasets' is required" in capsys.readouterr().err
    assert main(["train", "--config", example, "data.path=music", "--cfg", "job"]) == 0


@pytest.mark.parametrize("key", ["batch_size", "model_config.model.latent_dim"])
def test_a_composed_experiment_is_checked_whole(key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nested = "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(key.split("."))).rstrip("\n")
    file = tmp_path / "my.yaml"
    file.write_text(f"defaults:\n  - train\n  - _self_\n{nested} -3\n")
    assert main(["validate", str(file)]) == 1
    assert f"{file}:{4 + key.count('.')}" in capsys.readouterr().out


def test_validation_of_a_composed_file_imports_no_torch() -> None:
    code = (
        f"import sys; from narrows.cli import main; main(['validate', {str(ROOT / 'examples' / 'vae.yaml')!r}])\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
