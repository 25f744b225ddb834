"""The hyper-parameters of published autoencoders, whose parameters are counted without allocating them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from narrows.models import create_model_from_config


def dac(channels: int, latent_dim: int, strides: list[int]) -> dict[str, Any]:
    return {
        "encoder": {
            "type": "dac",
            "config": {"in_channels": channels, "latent_dim": 2 * latent_dim, "d_model": 128, "strides": strides},
        },
        "decoder": {
            "type": "dac",
            "config": {
                "out_channels": channels, "latent_dim": latent_dim, "channels": 1536, "rates": strides[::-1],
            },
        },
        "bottleneck": {"type": "vae"},
        "latent_dim": latent_dim,
        "downsampling_ratio": int(torch.tensor(strides).prod()),
        "io_channels": channels,
    }  # fmt: skip


def oobleck(latent_dim: int) -> dict[str, Any]:
    stages = {"channels": 128, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
    return {
        "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 2 * latent_dim, **stages}},
        "decoder": {
            "type": "oobleck",
            "config": {"out_channels": 2, "latent_dim": latent_dim, "final_tanh": False, **stages},
        },
        "bottleneck": {"type": "vae"},
        "latent_dim": latent_dim,
        "downsampling_ratio": 2048,
        "io_channels": 2,
    }


def seanet() -> dict[str, Any]:
    part = {"channels": 1, "dimension": 128, "n_filters": 64, "ratios": [4, 4, 5, 8], "lstm": 2}
    return {
        "encoder": {"type": "seanet", "config": part},
        "decoder": {"type": "seanet", "config": part},
        "bottleneck": {
            "type": "rvq",
            "config": {
                "num_quantizers": 4, "codebook_size": 2048, "dim": 128, "decay": 0.99, "threshold_ema_dead_code": 2,
            },
        },
        "latent_dim": 128,
        "downsampling_ratio": 640,
        "io_channels": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        pytest.param(dac(1, 32, [4, 8, 8, 8]), 134_592_930, id="dac_2048_32_vae"),
        pytest.param(seanet(), 53_259_458, id="encodec_musicgen_rvq"),
        pytest.param(dac(2, 64, [4, 4, 8, 8]), 133_431_300, id="stable_audio_1_0_vae"),
        pytest.param(oobleck(64), 156_112_514, id="stable_audio_2_0_vae"),
    ],
)
def test_parameter_counts(model: dict[str, Any], parameters: int) -> None:
    with torch.device("meta"):
        built = create_model_from_config({"model_type": "autoencoder", "sample_rate": 44100, "model": model})
        frames = built.encode(torch.empty(1, built.in_channels, 4 * built.downsampling_ratio), skip_bottleneck=True)
    assert sum(p.numel() for p in built.parameters() if p.requires_grad) == parameters
    assert frames.shape[-1] == 4
