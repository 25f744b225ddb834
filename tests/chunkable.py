"""Small autoencoders of every type that can be run exactly in chunks, with random weights."""

from __future__ import annotations

from typing import Any

import torch

from narrows.models import create_model_from_config

STRIDES = [2, 3, 5]
OOBLECK = {"channels": 4, "c_mults": [1, 2, 4], "strides": STRIDES, "latent_dim": 8}


def pair(kind: str, encoder: dict[str, Any], decoder: dict[str, Any], ratio: int, **model: Any) -> dict[str, Any]:
    return {
        "encoder": {"type": kind, "config": encoder},
        "decoder": {"type": kind, "config": decoder},
        "latent_dim": 8,
        "downsampling_ratio": ratio,
        "io_channels": 2,
        **model,
    }


def oobleck(**options: Any) -> dict[str, Any]:
    return pair(
        "oobleck", {"in_channels": 2, **OOBLECK, **options}, {"out_channels": 2, **OOBLECK, **options}, 30
    )


MODELS: dict[str, dict[str, Any]] = {
    "oobleck": oobleck(),
    "oobleck_antialiased": oobleck(use_snake=True, antialias_activation=True),
}
SHORTEST = {"default": 1}
"""Samples of the shortest clip that the whole model takes."""


def build(name: str) -> Any:
    torch.manual_seed(0)
    model = create_model_from_config(
        {"model_type": "autoencoder", "sample_rate": 44100, "model": MODELS[name]}
    ).eval()
    model.shortest = SHORTEST.get(name, SHORTEST["default"])
    return model
