"""Rules between a quantizer's options: one wrong example each, and what the message says to write."""

from __future__ import annotations

from typing import Any

import pytest

from narrows.configs import ConfigError, load_config

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("rvq", {"learnable_codebook": True}, "/config/learnable_codebook", "'ema_update': false"),
    ("rvq", {"quantize_dropout": True, "quantize_dropout_cutoff_index": 8}, "cutoff_index", "at most 7"),
    ("rvq", {"heads": 2}, "/config/heads", ""),
    ("rvq_vae", {"learnable_codebook": True}, "/config/learnable_codebook", "'ema_update': false"),
    ("grouped_rvq", {"dim": 9, "groups": 2}, "/config/groups", "divisor of 9"),
    ("dac_rvq", {"n_codebooks": 3, "codebook_size": 4, "codebook_dim": [1, 2]}, "/config/codebook_dim", "3 widths"),
    ("dac_rvq_vae", {"n_codebooks": 1, "codebook_size": 4, "codebook_dim": [1, 2]}, "/config/codebook_dim", "1 widths"),
    ("dac_rvq_vae", {"n_codebooks": 1, "codebook_size": 4, "noise_augment_dim": 2}, "noise_augment_dim", ""),
    ("snac_rvq", {"linear_codebook": True, "revive_below": 0.1}, "/config/revive_below", "'linear_codebook': false"),
    (
        "dac_rvq_vae",
        {"linear_codebook": True, "average_decay": 0.9, "n_codebooks": 1, "codebook_size": 4},
        "/config/average_decay",
        "",
    ),
    ("dac_rvq", {"n_codebooks": 1, "codebook_size": 4, "revive_below": 1}, "/config/revive_below", ""),
    ("fsq", {"levels": [8] * 12}, "/config/levels", "fewer levels"),
    ("fsq", {"levels": [8, 1]}, "/config/levels/1", ""),
    ("fsq", {"levels": [8, 8], "noise_dropout": 0.3}, "/config/noise_dropout", "'preserve_symmetry': true"),
    ("dithered_fsq", {"dim": 24, "levels": 8}, "/config/levels", "fewer levels"),
    ("dithered_fsq", {"dim": 3, "levels": [8, 8]}, "/config/levels", "Give 3 levels"),
    ("residual_fsq", {"levels": [5], "num_quantizers": 2, "soft_clamp_input_value": 2.0}, "soft_clamp", "Remove it"),
    ("lfq", {"codebook_size": 12}, "/config/codebook_size", "Write 8 or 16"),
    ("lfq", {"codebook_size": 8, "soft_clamp_input_value": 0.5}, "/config/soft_clamp_input_value", "at least 1.0"),
    ("simvq", {"dim": 4}, "/config/codebook_size", ""),
    ("vae", {"scale": 1}, "/config/scale", ""),
    ("l2_norm", {"scale": 1}, "/config/scale", ""),
]


@pytest.mark.parametrize(("tag", "options", "pointer", "hint"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_options(tag: str, options: dict[str, Any], pointer: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config({"type": tag, "config": options}, "bottleneck")
    (problem,) = error.value.problems
    assert pointer in problem.pointer
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("tag", "options"),
    [
        ("rvq", {"learnable_codebook": True, "ema_update": False, "heads": 1, "channel_last": True}),
        ("fsq", {"levels": [8, 5], "keep_num_codebooks_dim": True, "scale": None, "return_indices": True}),
        ("fsq", {"levels": [8, 8], "noise_dropout": 0.3, "preserve_symmetry": True}),
        ("dithered_fsq", {"dim": 2, "levels": 5, "dither_inference": True, "noise_dropout": 0}),
        ("lfq", {"codebook_size": 16, "soft_clamp_input_value": 1.0}),
    ],
)
def test_files_of_the_reference_pass(tag: str, options: dict[str, Any]) -> None:
    load_config({"type": tag, "config": options}, "bottleneck")


def test_signs_without_projection_are_the_latents() -> None:
    width = {"channels": 4, "c_mults": [1], "strides": [2], "latent_dim": 6}
    bottleneck: dict[str, Any] = {"codebook_size": 16}
    model = {
        "encoder": {"type": "oobleck", "config": {**width, "in_channels": 1}},
        "decoder": {"type": "oobleck", "config": {**width, "out_channels": 1}},
        "bottleneck": {"type": "lfq", "config": bottleneck},
        "latent_dim": 6,
        "downsampling_ratio": 2,
        "io_channels": 1,
    }
    document = {"model_type": "autoencoder", "sample_rate": 16000, "model": model}
    with pytest.raises(ConfigError, match="makes 4 bits"):
        load_config(document, "model")
    bottleneck["dim"] = 6
    load_config(document, "model")
