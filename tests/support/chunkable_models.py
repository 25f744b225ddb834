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
    return pair("oobleck", {"in_channels": 2, **OOBLECK, **options}, {"out_channels": 2, **OOBLECK, **options}, 30)


def dac(**options: Any) -> dict[str, Any]:
    encoder = {"in_channels": 2, "latent_dim": 8, "d_model": 4, "strides": STRIDES, **options}
    decoder = {"out_channels": 2, "latent_dim": 8, "channels": 32, "rates": STRIDES[::-1], **options}
    return pair("dac", encoder, decoder, 30)


def seanet(**options: Any) -> dict[str, Any]:
    shared = {"channels": 2, "dimension": 8, "n_filters": 4, **options}
    return pair("seanet", {"ratios": STRIDES, **shared}, {"ratios": STRIDES[::-1], **shared}, 30)


def taae(**options: Any) -> dict[str, Any]:
    shared = {"channels": 16, "c_mults": [1, 2], "strides": [4, 5], "transformer_depths": [1, 2], "latent_dim": 8}
    shared |= {"sliding_window": [6, 9], **options}
    return pair("taae", {"in_channels": 2, **shared}, {"out_channels": 2, **shared}, 20)


def local_attn(**options: Any) -> dict[str, Any]:
    shared = {"heads": [2, 2], "depths": [2, 1], "local_attn_window_size": 7, **options}
    encoder = {"in_channels": 2, "out_channels": 8, "embed_dims": [8, 16], "ratios": [2, 3], **shared}
    decoder = {"in_channels": 8, "out_channels": 2, "embed_dims": [16, 8], "ratios": [3, 2], **shared}
    return pair("local_attn", encoder, decoder, 6)


def same(**options: Any) -> dict[str, Any]:
    shared = {"channels": 16, "c_mults": [1, 2], "strides": [2, 4], "transformer_depths": [2, 2], "latent_dim": 8}
    shared |= {"dim_heads": 8, "conformer": True, "conv_mapping": True, **options}
    return pair("same", {"in_channels": 2, **shared}, {"out_channels": 2, **shared}, 8)


def behind(kind: str, width: int, factor: int, **options: Any) -> dict[str, Any]:
    """An oobleck pair behind a pretransform."""
    encoder = {"in_channels": width, **OOBLECK}
    decoder = {"out_channels": width, **OOBLECK}
    pretransform = {"type": kind, "config": options}
    return pair("oobleck", encoder, decoder, 30 * factor, pretransform=pretransform)


def bigcodec() -> dict[str, Any]:
    style = {"use_snake": True, "antialias_activation": True, "antialias_blocks": True, "exact_length": True, "lstm": 1}
    document = oobleck(**style)
    document["decoder"]["config"] |= {"final_bias": True}
    return document


def vocos(**options: Any) -> dict[str, Any]:
    shared = {"out_channels": 2, "latent_dim": 8, "dim": 32, "intermediate_dim": 48, "num_layers": 2}
    decoder = {**shared, "n_fft": 120, "hop_length": 30, **options}
    return {**oobleck(), "decoder": {"type": "vocos", "config": decoder}}


MODELS: dict[str, dict[str, Any]] = {
    "oobleck": oobleck(),
    "oobleck_antialiased": oobleck(use_snake=True, antialias_activation=True),
    "oobleck_bigcodec": bigcodec(),
    "oobleck_shortcuts": {**oobleck(strides=[2, 2, 4], shortcuts=True), "downsampling_ratio": 16},
    "vocos": vocos(),
    "vocos_conditioned": vocos(adanorm_num_embeddings=3, condition=1, n_fft=90),
    "dac": dac(),
    "dac_exact_length": dac(exact_length=True),
    "seanet": seanet(),
    "seanet_causal": seanet(causal=True, lstm=1),
    "seanet_without_lstm": seanet(lstm=0, pad_mode="constant", n_residual_layers=2),
    "taae": taae(),
    "taae_conformer": taae(conformer=True, use_dilated_conv=True, use_snake=True),
    "local_attn": local_attn(),
    "local_attn_causal": local_attn(causal=True),
    "same_window": same(sliding_window=[2, 3]),
    "same_chunks": same(chunk_size=8),
    "same_shifted_chunks": same(chunk_size=8, chunk_midpoint_shift=True),
    "wavelet": behind("wavelet", 8, 4, channels=2, levels=2, wavelet="bior4.4"),
    "pqmf": behind("pqmf", 8, 4, channels=2, num_bands=4, attenuation=60),
    "patched": behind("patched", 8, 4, channels=2, patch_size=4),
}
SHORTEST = {"default": 1, "wavelet": 120}
"""Samples of the shortest clip that the whole model takes."""


def build(name: str) -> Any:
    model = build_from(MODELS[name])
    model.shortest = SHORTEST.get(name, SHORTEST["default"])
    return model


def build_from(document: dict[str, Any]) -> Any:
    torch.manual_seed(0)
    model = create_model_from_config({"model_type": "autoencoder", "sample_rate": 44100, "model": document}).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # Branches that start at zero would hide what they see.
            if parameter.abs().max() < 1e-4:
                parameter.normal_(std=0.3)
    return model
