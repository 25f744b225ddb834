"""From a folder of drums to drums by text, by the commands of examples/text_to_drums.yaml, shortened."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import soundfile
from support import tiny_encoders

from narrows.cli import main
from narrows.models import load_model

EXAMPLES = Path(__file__).parents[2] / "examples"
SHORT = {
    "toy_codec": ["steps=2", "model.encoder.config.n_filters=8", "model.decoder.config.n_filters=8", "batch_size=2"],
    "text_to_drums": ["steps=2", "model.diffusion.config.depth=1", "training.demo.demo_steps=2", "batch_size=4"],
}


def commands() -> list[list[str]]:
    """Of the example, in words."""
    text = (EXAMPLES / "text_to_drums.yaml").read_text()
    lines = re.findall(r"^#   narrows (.+)$", text, re.MULTILINE)
    words = [re.findall(r'"[^"]*"|\S+', line) for line in lines]
    return [[word.strip('"').replace("examples/", f"{EXAMPLES}/") for word in line] for line in words]


def test_the_documentation_shows_the_commands_of_the_example() -> None:
    page = (EXAMPLES.parent / "docs/diffusion.md").read_text()
    for line in re.findall(r"^#   (narrows .+)$", (EXAMPLES / "text_to_drums.yaml").read_text(), re.MULTILINE):
        assert line in page


@pytest.mark.slow
def test_the_example_goes_from_a_folder_to_sounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["data", "toys", "-o", "drums", "--classes", "kick", "snare", "hat", "tom", "--count", "16"]) == 0
    labels = [json.loads(path.read_text()) for path in Path("drums").glob("*.json")]
    assert {item["class"] for item in labels} == {"kick", "snare", "hat", "tom"}
    tiny_encoders.t5(Path("encoder"))  # the real one is a package that not everybody has
    encoder = f"{{package: null, width: null, model_path: {Path('encoder').resolve()}, max_length: 16}}"
    given = commands()
    assert [words[0] for words in given] == ["train", "pre-encode", "train", "generate"]
    for words in given:
        if words[0] == "train":
            words += [*SHORT[Path(words[2]).stem], "val_batches=1" if "codec" in words[2] else "val_batches=0"]
            words += ["accelerator=cpu", "logger=none"]
            if "text_to_drums" in words[2]:
                words += [f"model.conditioning.configs.0.config={encoder}"]
        elif words[0] == "pre-encode":
            words += ["accelerator=cpu", "num_workers=1"]
        else:
            words += ["--steps", "2"]
        assert main(words) == 0, words
    sounds = sorted(Path("sounds").glob("*.wav"))
    assert len(sounds) == 3
    assert soundfile.info(sounds[0]).frames == 16000
    model = load_model("runs/text_to_drums/model")
    assert bool((model.pretransform.latent_std != 1).any())
    assert not any("encoder" in name.split(".") for name in model.conditioner.state_dict()), "the encoder is not saved"
    assert Path("runs/text_to_drums/report.html").read_text().count("<audio") >= 4
