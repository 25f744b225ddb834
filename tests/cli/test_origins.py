"""`--cfg job` shows what will run, and where each value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrows.cli.compose import compose
from narrows.cli.main import main
from narrows.configs import load_config

MINE = """\
defaults: [{model: oobleck_vae}, {training: quickstart}, {data: audio_dir}, _self_]
experiment: train
name: mine
batch_size: 2
model_config:
  sample_rate: 32000
dataset_config:
  datasets:
    - id: a
      path: music
"""


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)

    def job(*arguments: str) -> str:
        main(["train", *arguments, "--cfg", "job"])
        return capsys.readouterr().out

    return job


def origins(text: str) -> dict[str, str]:
    """What is said of the value of each key; keys are unique where they are asked for."""
    rows = [line.partition("  # ") for line in text.splitlines()]
    return {row.strip().lstrip("- "): origin for row, _, origin in rows if origin}


def test_each_value_names_its_file_and_line_or_the_override(printed) -> None:
    Path("mine.yaml").write_text(MINE)
    overrides = ["model.bottleneck=rvq", "model.latent_dim=8", "steps=5", "data.datasets=[{id: b, path: other}]"]
    said = origins(printed("--config", "mine.yaml", *overrides))
    assert said["name: mine"] == "mine.yaml:3"
    assert said["batch_size: 2"] == "mine.yaml:4"
    assert said["sample_rate: 32000"] == "mine.yaml:6"
    assert said["steps: 5"] == "command line: steps=5"
    assert said["latent_dim: 8"].startswith(("command line: model.latent_dim=8", "shipped model/"))
    assert said["type: rvq"].startswith("shipped model/bottleneck/rvq.yaml:")
    assert said["downsampling_ratio: 2048"].startswith("shipped model/oobleck_vae.yaml:")
    assert said["path: other"] == "command line: data.datasets=[{id: b, path: other}]"
    assert said["seed: 42"] == "default"


def test_a_later_file_takes_the_place_of_an_earlier(printed) -> None:
    Path("mine.yaml").write_text(MINE)
    said = origins(printed("--config", "mine.yaml"))
    assert said["path: music"] == "mine.yaml:10"
    assert "path: null" not in said or said["path: null"] != "mine.yaml:10"


def test_files_that_an_experiment_names_are_named(printed) -> None:
    model = compose(None, [])["model_config"]
    import json

    Path("model.json").write_text(json.dumps(model, indent=1))
    Path("mine.yaml").write_text(
        "experiment: train\nmodel_config: model.json\ndataset_config: {dataset_type: audio_dir, path: a}\n"
    )
    said = origins(printed("--config", "mine.yaml"))
    line = next(n for n, text in enumerate(json.dumps(model, indent=1).splitlines(), 1) if "sample_rate" in text)
    assert said["sample_rate: 44100"] == f"model.json:{line}"


@pytest.mark.parametrize("overrides", [[], ["model=oobleck_vae", "model.bottleneck=fsq"]])
def test_what_is_printed_is_the_experiment(printed, overrides: list[str]) -> None:
    assert load_config(printed(*overrides), "experiment") == load_config(compose(None, overrides))


def test_what_would_not_run_is_printed_and_told(printed, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "batch_size=0", "--cfg", "job"]) == 1
    told = capsys.readouterr()
    assert "batch_size: 0" in told.out
    assert "command line: batch_size=0" in told.out
    assert "/batch_size" in told.err
