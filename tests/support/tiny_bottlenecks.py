"""A small autoencoder with any bottleneck."""

from __future__ import annotations

from typing import Any

import torch

from narrows.configs._families import FAMILIES
from narrows.models import create_model_from_config

WIDTH = 6
OPTIONS: dict[str, dict[str, Any]] = {
    "softnorm": {"dim": WIDTH},
    "rvq": {"dim": WIDTH, "codebook_size": 16, "num_quantizers": 3},
    "rvq_vae": {"dim": WIDTH, "codebook_size": 16, "num_quantizers": 3},
    "grouped_rvq": {"dim": WIDTH, "groups": 2, "codebook_size": 16, "num_quantizers": 2},
    "dac_rvq": {"input_dim": WIDTH, "codebook_size": 16, "n_codebooks": 3, "codebook_dim": 3},
    "dac_rvq_vae": {"input_dim": WIDTH, "codebook_size": 16, "n_codebooks": 3, "codebook_dim": 3},
    "fsq": {"levels": [5, 4, 3], "num_codebooks": 2},
    "dithered_fsq": {"dim": 3, "levels": [4, 7, 2], "num_codebooks": 2},
    "residual_fsq": {"levels": [5, 3, 4], "num_quantizers": 3, "dim": WIDTH},
    "lfq": {"codebook_size": 8, "num_codebooks": 2},
    "simvq": {"dim": WIDTH, "codebook_size": 16, "num_quantizers": 3},
    "split_rvq": {"dim": WIDTH, "codebook_dim": 3, "codebook_size": 16, "num_quantizers": 3},
    "snac_rvq": {"input_dim": WIDTH // 2, "codebook_size": 16, "codebook_dim": 3, "strides": [2, 1], "fold": 2},
    "tanh": {"scale": 2.0},
    "vector_quantize_pytorch": {"quantizer": "ResidualVQ", "dim": WIDTH, "codebook_size": 16, "num_quantizers": 3},
}
"""For the types that need some."""


def options(tag: str) -> dict[str, Any]:
    """Options with which a bottleneck takes `WIDTH` channels."""
    return OPTIONS.get(tag, {})


def document(tag: str, **extra: Any) -> dict[str, Any]:
    """The model file: mono, 8 kHz, ratio 8."""
    stated = FAMILIES["bottleneck"].members[tag].model_config.get("json_schema_extra")
    factor = stated.get("x-encoder-channels", 1) if isinstance(stated, dict) else 1
    shape = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}
    noise = extra.get("noise_augment_dim", 0)
    config = {**options(tag), **extra}
    return {
        "model_type": "autoencoder",
        "sample_rate": 8000,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 1, **shape, "latent_dim": WIDTH * factor}},
            "decoder": {"type": "oobleck", "config": {"out_channels": 1, **shape, "latent_dim": WIDTH + noise}},
            "bottleneck": {"type": tag, **({"config": config} if config else {})},
            "latent_dim": WIDTH,
            "downsampling_ratio": 8,
            "io_channels": 1,
        },
    }


def codec(tag: str, **extra: Any) -> Any:
    """The model, with weights of one seed, as the factory gives it."""
    torch.manual_seed(0)
    return create_model_from_config(document(tag, **extra))


def encode_into(model: Any, audio: torch.Tensor, results: Any) -> None:
    """What another process does with a model."""
    with torch.inference_mode():
        results.put(model.encode(audio).numpy().tolist())
