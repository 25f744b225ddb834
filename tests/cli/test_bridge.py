"""Folders of transformers and diffusers at the commands: those with modules of ours, and those run by their class."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
import transformers
from diffusers.models import autoencoders
from safetensors.torch import load_file, save_file

from narrows.cli import main
from narrows.data import create_dataloader_from_config

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning"),
    pytest.mark.timeout(120),
]


@pytest.fixture
def music(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    for number in range(2):
        noise = np.random.default_rng(number).normal(0, 0.1, 1600)
        soundfile.write(tmp_path / "music" / f"{number}.wav", noise, 8000)
    return tmp_path / "music"


@pytest.fixture
def kvae(tmp_path: Path) -> tuple[Path, Any]:
    """A folder of a class that has no modules of ours."""
    theirs = autoencoders.AutoencoderKLKVAEAudio(
        encoder_dim=8, encoder_rates=[2, 4], latent_dim=16, codebook_dim=4, decoder_dim=16, decoder_rates=[4, 2],
        sample_rate=8000, num_channels=1, attn_num_heads=2,
    ).eval()  # fmt: skip
    theirs.save_pretrained(tmp_path / "kvae")
    return tmp_path / "kvae", theirs


def test_pre_encode_keeps_the_latents_of_the_class(music: Path, kvae: tuple[Path, Any], tmp_path: Path) -> None:
    folder, theirs = kvae
    command = ["pre-encode", f"ckpt_path={folder}", f"data.path={music}", f"output_path={tmp_path / 'latents'}"]
    assert main([*command, "num_workers=1", "dtype=float32", "accelerator=cpu"]) == 0
    config = {"dataset_type": "pre_encoded", "datasets": [{"id": "a", "path": str(tmp_path / "latents")}]}
    loader = create_dataloader_from_config(
        {**config, "latent_crop_length": 200}, 2, 1600, 8000, num_workers=0, shuffle=False
    )
    latents, _ = next(iter(loader))
    sounds = np.stack([soundfile.read(file, dtype="float32")[0] for file in sorted(music.glob("*.wav"))])
    with torch.no_grad():
        means = theirs.encode(torch.from_numpy(sounds)[:, None]).latent_dist.mode()
    assert latents.shape == (2, 4, 200)
    torch.testing.assert_close(latents, means, atol=1e-5, rtol=1e-4)


def test_a_model_run_by_its_class_is_evaluated_and_decodes(
    music: Path, kvae: tuple[Path, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(kvae[0])
    assert main(["evaluate", folder, str(music), "--device", "cpu", "--json", str(tmp_path / "report.json")]) == 0
    assert "si_sdr" in (tmp_path / "report.json").read_text()
    assert main(["convert", folder, "-o", str(tmp_path / "model")]) == 1
    assert main(["inspect", folder]) == 1
    assert "can be used as a model" in capsys.readouterr().err


def test_inspect_takes_folders_of_other_libraries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = transformers.EncodecConfig(
        target_bandwidths=[12.0], num_filters=4, hidden_size=8, codebook_size=16, codebook_dim=8,
        upsampling_ratios=[4, 2], num_lstm_layers=1, sampling_rate=8000,
    )  # fmt: skip
    transformers.EncodecModel(config).save_pretrained(tmp_path)
    assert main(["inspect", str(tmp_path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["sample_rate"], facts["downsampling_ratio"], facts["latent_dim"]) == (8000, 8, 8)


@pytest.mark.parametrize(("value", "dtype"), [(float("nan"), None), (float("inf"), None), (1.0, torch.int8)])
def test_weights_of_a_class_are_finite_numbers(
    kvae: tuple[Path, Any], value: float, dtype: torch.dtype | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = next(kvae[0].glob("*.safetensors"))
    state = load_file(file)
    name = next(name for name, tensor in state.items() if tensor.dim() == 3 and len(tensor) > 1)
    state[name].view(-1)[0] = value
    state[name] = state[name] if dtype is None else state[name].to(dtype)
    save_file(state, file, metadata={"format": "pt"})
    assert main(["encode", str(kvae[0]), str(kvae[0] / "config.json"), "-o", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    # Without accelerate diffusers itself refuses integers, as it copies them.
    words = ("not finite",) if dtype is None else ("I8", "floating point")
    assert any(each in error for each in words)
