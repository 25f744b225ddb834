"""Model folders, and training checkpoints in their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from narrows.configs import ConfigError
from narrows.models import CheckpointError, create_model_from_config, load_checkpoint, load_model, save_model
from narrows.models.checkpoints.names import to_file
from narrows.models.saving import convert

WIDTH = {"channels": 4, "c_mults": [1, 2], "strides": [2, 2]}
CONFIG: dict[str, Any] = {
    "model_type": "autoencoder",
    "sample_rate": 16000,
    "license": "CC-BY-4.0",
    "model": {
        "encoder": {"type": "oobleck", "config": {**WIDTH, "in_channels": 1, "latent_dim": 6}},
        "decoder": {"type": "oobleck", "config": {**WIDTH, "out_channels": 1, "latent_dim": 6}},
        "bottleneck": {
            "type": "rvq",
            "config": {"dim": 6, "codebook_size": 8, "num_quantizers": 3, "shared_codebook": True},
        },
        "latent_dim": 6,
        "downsampling_ratio": 4,
        "io_channels": 1,
    },
}


def build(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return create_model_from_config(CONFIG).eval()


def training_checkpoint(model: nn.Module, average: nn.Module | None, path: Path, config: Any = CONFIG) -> Path:
    state = {f"model.{key}": value for key, value in to_file(model.state_dict()).items()}
    if average is not None:
        state |= {f"ema.{key}": value for key, value in to_file(average.state_dict()).items()}
    state["discriminator.weight"] = torch.zeros(3)
    torch.save({"format": "narrows-training", "version": 1, "config": json.dumps(config), "state_dict": state}, path)
    return path


def same_sound(first: Any, second: Any) -> None:
    audio = torch.randn(2, 1, 64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(first(audio), second(audio))


def test_round_trip_with_a_shared_codebook(tmp_path: Path) -> None:
    model = build()
    loaded = load_model(save_model(model, tmp_path / "model"))
    same_sound(model, loaded)
    assert loaded.config.license == "CC-BY-4.0"
    books = loaded.bottleneck.quantizer.codebooks
    assert books[0] is books[2]


def test_weights_come_out_of_a_folder_too(tmp_path: Path) -> None:
    saved, other = build(1), build(2)
    load_checkpoint(other, save_model(saved, tmp_path / "model"))
    same_sound(saved, other)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match=r"empty holds no weights: model[.]safetensors"):
        load_checkpoint(other, tmp_path / "empty")


@pytest.mark.parametrize("with_average", [False, True])
def test_a_training_checkpoint_is_a_model(with_average: bool, tmp_path: Path) -> None:
    raw, average = build(1), build(2)
    path = training_checkpoint(raw, average if with_average else None, tmp_path / "step=00000007.ckpt")
    same_sound(load_model(path), average if with_average else raw)
    same_sound(load_model(path, prefer="raw"), raw)


def test_conversion_decodes_bit_for_bit_and_keeps_notes(tmp_path: Path) -> None:
    model = build()
    path = training_checkpoint(model, None, tmp_path / "a.ckpt")
    report = convert(path, None, tmp_path / "first", training_data="FSD50K")
    assert report.dropped == {"discriminator.weight": "discriminator, only needed to train"}
    torch.save(to_file(model.state_dict()), tmp_path / "bare.pt")
    convert(tmp_path / "bare.pt", CONFIG, tmp_path / "second", license="MIT")
    same_sound(model, load_model(tmp_path / "first"))
    same_sound(model, load_model(tmp_path / "second"))
    first = json.loads((tmp_path / "first/model_config.json").read_text())
    second = json.loads((tmp_path / "second/model_config.json").read_text())
    assert (first["license"], first["training_data"]) == ("CC-BY-4.0", "FSD50K")
    assert (second["license"], second.get("training_data")) == ("MIT", None)


def test_a_failed_conversion_leaves_the_folder(tmp_path: Path) -> None:
    save_model(build(), tmp_path / "model")
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pt")
    with pytest.raises(CheckpointError):
        convert(tmp_path / "other.pt", CONFIG, tmp_path / "model")
    load_model(tmp_path / "model")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "other.pt"]


def test_messages_say_what_to_do(tmp_path: Path) -> None:
    torch.save(to_file(build().state_dict()), tmp_path / "bare.pt")
    with pytest.raises(CheckpointError, match="narrows convert"):
        load_model(tmp_path / "bare.pt")
    with pytest.raises(CheckpointError, match="give the model file"):
        convert(tmp_path / "bare.pt", None, tmp_path / "model")
    with pytest.raises(CheckpointError, match="is no model"):
        load_model(tmp_path)
    broken = training_checkpoint(build(), None, tmp_path / "c.ckpt", {**CONFIG, "sample_rate": -1})
    with pytest.raises(ConfigError, match="sample_rate"):
        load_model(broken)
