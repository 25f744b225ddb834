"""The quick start of latent diffusion: one command, from nothing to sounds, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrows.cli import diffusion_quickstart, main
from narrows.cli.compose import compose
from narrows.configs.experiments import check_experiment
from narrows.data import toy_sounds
from narrows.models import load_model

SHORT = ["steps=2", "model.diffusion.config.depth=1", "training.demo.demo_steps=2", "batch_size=4", "val_batches=1"]
SHORT += ["accelerator=cpu", "logger=none", "num_workers=0"]


def test_the_preset_is_whole_and_fits_in_ten_minutes() -> None:
    document = compose(None, ["model=diffusion_quickstart"])
    experiment, problems = check_experiment(document)
    assert not [problem for problem in problems if problem.level == "error"]
    assert document["name"] == "diffusion_quickstart"
    # The rest are sounds, encoding, validation and reports.
    assert experiment.max_seconds + diffusion_quickstart.CODEC_SECONDS <= 8 * 60


@pytest.mark.slow
def test_one_command_goes_from_nothing_to_sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write = toy_sounds.write_toy_sounds
    monkeypatch.setattr(toy_sounds, "write_toy_sounds", lambda folder: write(folder, 24))
    assert main(["train", "model=diffusion_quickstart", *SHORT]) == 0
    assert len(list(Path("runs/toy_sounds/sounds").glob("*.flac"))) == 24
    page = Path("runs/diffusion_quickstart/report.html").read_text()
    assert "loss/gaussian" in page
    assert page.count("<audio") >= 4
    assert load_model("runs/diffusion_quickstart/model").pretransform.standardize
    made = Path("runs/toy_sounds/latents/train/manifest.json").stat().st_mtime_ns
    assert main(["train", "model=diffusion_quickstart", *SHORT, "steps=3"]) == 0
    assert Path("runs/toy_sounds/latents/train/manifest.json").stat().st_mtime_ns == made
    assert (
        main(
            [
                "generate",
                "runs/diffusion_quickstart/model",
                "--condition",
                "class=kick",
                "--seconds",
                "1",
                "--steps",
                "2",
                "-o",
                "sounds",
            ]
        )
        == 0
    )
    assert list(Path("sounds").glob("*.wav"))
