"""A small autoencoder to pre-encode with."""

from __future__ import annotations

from typing import Any

RATE, RATIO = 8000, 8
SHAPE = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 6}


def autoencoder(channels: int, **options: Any) -> dict[str, Any]:
    return {
        "model_type": "autoencoder",
        "sample_rate": RATE,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": channels, **SHAPE}},
            "decoder": {"type": "oobleck", "config": {"out_channels": channels, **SHAPE}},
            "latent_dim": 6,
            "downsampling_ratio": RATIO,
            "io_channels": channels,
            **options,
        },
    }
