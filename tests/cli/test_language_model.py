"""From a folder of audio to generated sounds, by the commands of examples/lm.yaml, shortened."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.small_autoencoder import autoencoder

from narrows.cli import main
from narrows.cli.compose import compose
from narrows.cli.main import UserError
from narrows.configs import load_config
from narrows.models import create_model_from_config, load_model, save_model

EXAMPLES = Path(__file__).parents[2] / "examples"
FSQ = {"type": "fsq", "config": {"levels": [4, 4], "num_codebooks": 3}}
SHORT = {
    "codec": ["steps=2", "model.encoder.config.channels=8", "model.decoder.config.channels=8", "batch_size=2"],
    "lm": ["steps=2", "model.lm.config.depth=1", "training.demo.max_gen_len=4", "batch_size=2"],
}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(24):
        noise = np.random.default_rng(number).normal(0, 0.1, 6 * 16000)
        soundfile.write(folder / f"{number}.wav", noise, 16000)
    return folder


@pytest.mark.slow
def test_the_example_goes_from_a_folder_to_sounds(music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = re.findall(r"^#   narrows (.+)$", (EXAMPLES / "lm.yaml").read_text(), re.MULTILINE)
    assert len(commands) == 3, "the example names three commands"
    monkeypatch.chdir(tmp_path)
    for command in commands:
        words = command.replace("examples/", f"{EXAMPLES}/").replace("FOLDER", str(music)).split()
        if words[0] == "train":
            kind = Path(words[2]).stem
            words = [word for word in words if not word.startswith("max_seconds")]
            words += [*SHORT[kind], "val_batches=1", "accelerator=cpu", "logger=none"]
        assert main(words) == 0, command
    sounds = sorted(Path("sounds").glob("*.wav"))
    assert len(sounds) == 4
    assert soundfile.info(sounds[0]).frames == 5 * 16000
    model = json.loads(sounds[0].with_suffix(".json").read_text())["model"]
    assert re.fullmatch("[0-9a-f]{64}", model)
    assert load_model("runs/lm/model").config.sample_rate == 16000
    page = Path("runs/lm/report.html").read_text()
    assert "cross_entropy/bigram" in page


@pytest.mark.parametrize("data", ["audio_dir", "pre_encoded"])
def test_the_preset_follows_its_tokenizer_and_its_data(data: str, tmp_path: Path) -> None:
    codec = save_model(create_model_from_config(autoencoder(1, bottleneck=FSQ)), tmp_path / "my codec")
    experiment = load_config(
        compose(None, ["model=lm_small", f"data={data}", "data.path=music", f"pretransform_ckpt_path={codec}"])
    )
    document = json.loads((codec / "model_config.json").read_text())
    model = experiment.model_config_
    assert model.sample_rate == document["sample_rate"]
    assert model.sample_size == 256 * document["model"]["downsampling_ratio"]
    assert model.model.pretransform.config.model_dump(exclude_unset=True) == document["model"]
    assert model.training.pre_encoded == (data == "pre_encoded")
    assert experiment.pretransform_ckpt_path == str(codec)


def test_a_preset_without_its_tokenizer_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "model=lm_small", "data=audio_dir", "data.path=music"]) == 1
    assert "Write pretransform_ckpt_path=VALUE there" in capsys.readouterr().err
    assert main(["validate", str(EXAMPLES / "lm.yaml")]) == 0
    with pytest.raises(UserError, match="is no model folder"):
        compose(None, ["model=lm_small", "data=audio_dir", "data.path=x", f"pretransform_ckpt_path={tmp_path}"])
