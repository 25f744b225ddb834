"""`narrows train` from the command line: code named by a data set runs only with permission."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrows.cli import main
from narrows.configs import _load

SMALL = ["model.encoder.config.channels=4", "model.decoder.config.channels=4", "sample_size=4096", "batch_size=2"]
QUICK = ["steps=2", "num_workers=0", "val_every=2", "log_every=1", "checkpoint_every=2", "accelerator=cpu"]


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(3):
        noise = np.random.default_rng(number).normal(0, 0.1, (8000, 2))
        soundfile.write(folder / f"{number}.wav", noise, 44100)
    (tmp_path / "hook.py").write_text(
        f"def get_custom_metadata(info, audio):\n    open({str(tmp_path / 'ran')!r}, 'w').close()\n    return {{}}\n"
    )
    return folder


def test_code_of_a_data_set_needs_permission(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = f"{{id: mine, path: {music}, custom_metadata_module: {tmp_path / 'hook.py'}}}"
    command = ["train", "name=hooked", *SMALL, *QUICK, "data.path=null", f"data.datasets=[{entry}]"]
    assert main(command) == 1
    assert "--allow-code" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()
    assert main([*command, "--allow-code"]) == 0
    assert (tmp_path / "ran").exists()
    assert (tmp_path / "runs" / "hooked" / "report.html").is_file()


def test_one_step_applies_the_rules_once_to_each_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The experiment, the model that is tried before the first step, and what the report reads: the record of the
    experiment in the run's folder and the model there."""
    checked: list[str] = []
    check = _load.check

    def counted(config, *arguments, **options):
        checked.append(type(config).__name__)
        return check(config, *arguments, **options)

    monkeypatch.setattr(_load, "check", counted)
    assert main(["train", "steps=1", "batch_size=1", "num_workers=0", f"save_dir={tmp_path}"]) == 0
    assert checked == ["TrainExperimentConfig", "AutoencoderConfig"] * 2
