"""What a `config.json` beside the weights says is followed, or the weights are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from narrows.models import CheckpointError, create_model_from_config, load_checkpoint, save_model

SEANET = {"channels": 2, "dimension": 8, "n_filters": 2, "ratios": [2, 4], "lstm": 1, "causal": False}
STATED = {
    "model_type": "encodec",
    "sampling_rate": 48000,
    "audio_channels": 2,
    "upsampling_ratios": [2, 4],
    "use_causal_conv": False,
    "norm_type": "time_group_norm",
    "normalize": False,
    "chunk_length_s": None,
}


@pytest.fixture(scope="module")
def model() -> Any:
    part = {"type": "seanet", "config": {**SEANET, "norm": "time_group_norm"}}
    return create_model_from_config(
        {
            "model_type": "autoencoder",
            "sample_rate": 48000,
            "audio_channels": 2,
            "model": {
                "encoder": part,
                "decoder": part,
                "latent_dim": 8,
                "downsampling_ratio": 8,
                "io_channels": 2,
            },
        }
    )


def beside(folder: Path, model: Any, stated: dict[str, Any]) -> Path:
    save_model(model, folder / "weights")
    (folder / "weights/config.json").write_text(json.dumps(stated))
    return folder / "weights"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("normalize", True),
        ("chunk_length_s", 1.0),
        ("sampling_rate", 24000),
        ("audio_channels", 1),
        ("upsampling_ratios", [4, 2]),
        ("use_causal_conv", True),
        ("norm_type", "weight_norm"),
    ],
)
def test_another_recipe_is_refused_and_named(key: str, value: Any, model: Any, tmp_path: Path) -> None:
    place = beside(tmp_path, model, {**STATED, key: value})
    for path in (place, place / "model.safetensors"):
        with pytest.raises(CheckpointError, match=key):
            load_checkpoint(model, path)


@pytest.mark.parametrize("stated", [STATED, {"model_type": "of somebody else", "normalize": True}, {}, []])
def test_the_same_recipe_and_other_files_of_that_name_are_no_hindrance(stated: Any, model: Any, tmp_path: Path) -> None:
    assert load_checkpoint(model, beside(tmp_path, model, stated)).tensors
