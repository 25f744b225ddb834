"""`narrows convert --average-length`: the average of a run as a model folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.checkpoints import assert_same
from support.diffusion_cases import diffusion_model, tone_data, write_tones
from support.training_cases import experiment_config

from narrows.cli import main
from narrows.models import load_model
from narrows.pipelines.averages.snapshots import averaged_model
from narrows.training import train


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with two averages at steps 2 and 4."""
    folder = tmp_path_factory.mktemp("averages")
    torch.manual_seed(0)
    model = diffusion_model(post_hoc_ema={"lengths": [0.05, 0.1], "every": 2}, learning_rate=3e-3)
    data = tone_data(write_tones(folder / "tones"))
    settings = {"steps": 4, "val_batches": 0, "dataset_config": data}
    return train(experiment_config(data, folder, model, **settings), progress=False).folder


def test_the_folder_holds_the_average_of_that_length_and_step(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in (None, 2):
        out = tmp_path / f"average {step}"
        words = [] if step is None else ["--step", str(step)]
        assert main(["convert", str(run_folder), "--average-length", "0.08", *words, "-o", str(out)]) == 0
        assert f"Wrote {out}: the average of length 0.08 of {run_folder}." in capsys.readouterr().out
        wanted = averaged_model(run_folder, 0.08, step)
        assert_same(dict(load_model(out).state_dict()), dict(wanted.state_dict()))
    weights = [load_model(tmp_path / f"average {step}").model.state_dict() for step in (None, 2)]
    assert any(not torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--step", "2"], "--step belongs to --average-length"),
        (["--average-length", "0.08", "--license", "CC0"], "--license does not go with --average-length"),
        (["--average-length", "0.5"], "0.5"),
        (["--average-length", "0.08", "--step", "9"], "9"),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_written(
    words: list[str], said: str, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(run_folder), *words, "-o", str(tmp_path / "out")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
