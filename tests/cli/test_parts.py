"""The autoencoder inside a whole file of stable-audio-tools, as a user takes it out and uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from safetensors.torch import load_file, save_file
from support.command_matrix import run
from torch import Generator, Tensor

from narrows.models import create_model_from_config, load_checkpoint, load_model
from narrows.models.checkpoints.names import to_file

SIDE: dict[str, Any] = {"channels": 4, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
OPEN: dict[str, Any] = {
    "model_type": "diffusion_cond",
    "sample_size": 2097152,
    "sample_rate": 44100,
    "audio_channels": 2,
    "model": {
        "pretransform": {
            "type": "autoencoder",
            "iterate_batch": True,
            "config": {
                "encoder": {"type": "oobleck", "config": {**SIDE, "in_channels": 2, "latent_dim": 16}},
                "decoder": {
                    "type": "oobleck",
                    "config": {**SIDE, "out_channels": 2, "latent_dim": 8, "final_tanh": False},
                },
                "bottleneck": {"type": "vae"},
                "latent_dim": 8,
                "downsampling_ratio": 2048,
                "io_channels": 2,
            },
        },
        "conditioning": {
            "configs": [
                {"id": name, "type": "number", "config": {"min_val": 0, "max_val": 512}}
                for name in ("seconds_start", "seconds_total")
            ],
            "cond_dim": 32,
        },
        "diffusion": {
            "cross_attention_cond_ids": ["seconds_start", "seconds_total"],
            "global_cond_ids": ["seconds_start", "seconds_total"],
            "type": "dit",
            "config": {
                **{"io_channels": 8, "embed_dim": 32, "depth": 1, "num_heads": 1, "cond_token_dim": 32},
                **{"global_cond_dim": 64, "project_cond_tokens": False, "transformer_type": "continuous_transformer"},
            },
        },
        "io_channels": 8,
    },
}
"""The document of stable-audio-open-1.0 with narrow layers, and without its text encoder."""


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return {name: tensor.contiguous() for name, tensor in to_file(create_model_from_config(OPEN).state_dict()).items()}


@pytest.fixture
def folder(tmp_path: Path, weights: dict[str, Tensor]) -> Path:
    folder = tmp_path / "open"
    folder.mkdir()
    save_file(weights, folder / "model.safetensors")
    (folder / "model_config.json").write_text(json.dumps(OPEN))
    return folder


def test_three_commands_use_the_autoencoder_of_a_whole_model(folder: Path, tmp_path: Path) -> None:
    audio = 0.1 * torch.randn(9000, 2, generator=Generator().manual_seed(1))
    soundfile.write(tmp_path / "a.wav", audio.numpy(), 44100)
    cut, codes, back = (str(tmp_path / name) for name in ("vae", "codes", "back"))
    for command in (
        ["convert", str(folder), "--part", "pretransform", "--license", "CC BY", "-o", cut],
        ["encode", cut, str(tmp_path / "a.wav"), "-o", codes],
        ["decode", cut, codes, "-o", back],
    ):
        outcome = run(command)
        assert outcome.code == 0, outcome.error
    assert soundfile.info(tmp_path / "back" / "a.wav").frames == 9000
    whole, part = load_model(folder), load_model(cut)
    latents = torch.randn(1, 8, 3, generator=Generator().manual_seed(2))
    assert torch.equal(part.decode(latents), whole.decode(latents))
    assert (part.sample_rate, part.in_channels, part.config.license) == (44100, 2, "CC BY")
    document = json.loads((tmp_path / "vae" / "model_config.json").read_text())
    assert document["model"] == OPEN["model"]["pretransform"]["config"]


@pytest.mark.parametrize("prefix", ["", "diffusion.", "model."])
def test_the_file_of_a_whole_model_is_one_of_its_autoencoder(
    tmp_path: Path, weights: dict[str, Tensor], prefix: str
) -> None:
    state = {prefix + name: tensor for name, tensor in weights.items()}
    if prefix == "diffusion.":
        state |= {"diffusion_ema.ema_model.x": torch.zeros(1), "diffusion_ema.step": torch.zeros(1)}
    torch.save({"state_dict": state}, tmp_path / "whole.ckpt")
    options = OPEN["model"]["pretransform"]["config"]
    model = create_model_from_config({"model_type": "autoencoder", "sample_rate": 44100, "model": options})
    report = load_checkpoint(model, tmp_path / "whole.ckpt")
    assert report.source == "autoencoder of a whole model"
    assert report.tensors + len(report.dropped) == len(state)
    for name, tensor in to_file(model.state_dict()).items():
        assert torch.equal(tensor, weights[f"pretransform.model.{name}"]), name


def test_a_trained_autoencoder_has_an_average(tmp_path: Path, weights: dict[str, Tensor]) -> None:
    raw = {f"model.{name}": tensor for name, tensor in weights.items()}
    save_file(raw | {f"ema.{name}": tensor + 1 for name, tensor in weights.items()}, tmp_path / "both.safetensors")
    options = OPEN["model"]["pretransform"]["config"]
    model = create_model_from_config({"model_type": "autoencoder", "sample_rate": 44100, "model": options})
    for prefer, more in (("ema", 1), ("raw", 0)):
        assert load_checkpoint(model, tmp_path / "both.safetensors", prefer).weights == prefer
        name, tensor = next(iter(to_file(model.state_dict()).items()))
        assert torch.equal(tensor, weights[f"pretransform.model.{name}"] + more)


def test_a_model_without_the_part_says_so(folder: Path, tmp_path: Path) -> None:
    run(["convert", str(folder), "--part", "pretransform", "-o", str(tmp_path / "vae")])
    outcome = run(["convert", str(tmp_path / "vae"), "--part", "pretransform", "-o", str(tmp_path / "again")])
    assert outcome.code == 1
    assert "has no pretransform" in outcome.error
    document = OPEN | {
        "model": OPEN["model"] | {"pretransform": {"type": "patched", "config": {"channels": 2, "patch_size": 4}}}
    }
    (tmp_path / "patched.json").write_text(json.dumps(document))
    save_file(load_file(folder / "model.safetensors"), tmp_path / "whole.safetensors")
    options = ["--config", str(tmp_path / "patched.json"), "--part", "pretransform", "-o", str(tmp_path / "again")]
    outcome = run(["convert", str(tmp_path / "whole.safetensors"), *options])
    assert outcome.code == 1
    assert "'patched'" in outcome.error
    assert not (tmp_path / "again").exists()
