"""From nothing to the sounds of a diffusion model, by the commands of examples/toy_diffusion.yaml, shortened."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import soundfile

from narrows.cli import main
from narrows.models import load_model

EXAMPLES = Path(__file__).parents[2] / "examples"
SHORT = {
    "toy_codec": ["steps=2", "model.encoder.config.n_filters=8", "model.decoder.config.n_filters=8", "batch_size=2"],
    "toy_diffusion": ["steps=2", "model.diffusion.config.depth=1", "training.demo.demo_steps=2", "batch_size=4"],
}


@pytest.mark.slow
def test_the_example_goes_from_nothing_to_sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = re.findall(r"^#   narrows (.+)$", (EXAMPLES / "toy_diffusion.yaml").read_text(), re.MULTILINE)
    assert len(commands) == 6, "the example names six commands"
    monkeypatch.chdir(tmp_path)
    for command in commands:
        words = command.replace("examples/", f"{EXAMPLES}/").split()
        if words[0] == "train":
            words += [*SHORT[Path(words[2]).stem], "val_batches=1", "accelerator=cpu", "logger=none"]
        elif words[0] == "pre-encode":
            words += ["accelerator=cpu", "num_workers=1"]
        elif words[0] == "data":
            words = [*words[:4], "--count", "40"]
        elif words[0] == "generate":
            words += ["--steps", "2"]
        assert main(words) == 0, command
    sounds = sorted(Path("sounds").glob("*.wav"))
    assert len(sounds) == 4
    assert soundfile.info(sounds[0]).frames == 16000
    model = load_model("runs/toy_diffusion/model")
    assert model.pretransform.standardize
    assert bool((model.pretransform.latent_std != 1).any())
    page = Path("runs/toy_diffusion/report.html").read_text()
    assert "loss/gaussian" in page
    assert page.count("<audio") >= 4
