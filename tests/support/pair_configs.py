"""Model files of small encoders and decoders of every type: stereo, 4 latent channels, ratio 8."""

from __future__ import annotations

from typing import Any

LATENTS = 4
RATIO = 8

_STAGES = {"channels": 8, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": LATENTS}
_TRANSFORMER = {**_STAGES, "channels": 16, "transformer_depths": [1, 1]}
_LOCAL = {"heads": [2, 2], "depths": [1, 1], "local_attn_window_size": 5}
_SEANET = {"channels": 2, "dimension": LATENTS, "n_filters": 4, "lstm": 1}
_MIMI = {"depth": 2, "heads": 2, "ff_dim": 8, "window": 5, "layer_scale": 0.5}

ENCODERS: dict[str, dict[str, Any]] = {
    "oobleck": {"in_channels": 2, **_STAGES, "use_snake": True},
    "dac": {"in_channels": 2, "d_model": 4, "strides": [2, 4], "latent_dim": LATENTS},
    "seanet": {**_SEANET, "ratios": [2, 4]},
    "taae": {"in_channels": 2, **_TRANSFORMER, "use_snake": True, "use_dilated_conv": True, "sliding_window": [3, 4]},
    "local_attn": {"in_channels": 2, "out_channels": LATENTS, "embed_dims": [16, 32], "ratios": [2, 4], **_LOCAL},
    "mimi": {"channels": 2, "dimension": LATENTS, "n_filters": 4, "ratios": [4, 2], **_MIMI},
    "snac": {"in_channels": 2, "d_model": 1, "strides": [4], "fold": 2},
}
DECODERS: dict[str, dict[str, Any]] = {
    "oobleck": {"out_channels": 2, **_STAGES, "use_snake": True},
    "dac": {"out_channels": 2, "channels": 16, "rates": [4, 2], "latent_dim": LATENTS},
    "seanet": {**_SEANET, "ratios": [4, 2]},
    "taae": {"out_channels": 2, **_TRANSFORMER, "use_snake": True, "conformer": True, "sliding_window": [3, 4]},
    "local_attn": {"in_channels": LATENTS, "out_channels": 2, "embed_dims": [32, 16], "ratios": [4, 2], **_LOCAL},
    "mimi": {"channels": 2, "dimension": LATENTS, "n_filters": 4, "ratios": [2, 4], **_MIMI},
    "snac": {"out_channels": 2, "latent_dim": 2, "channels": 8, "rates": [4], "fold": 2, "noise": False},
}
TYPES = list(ENCODERS)


def config(encoder: str, decoder: str, encoder_options: Any = None, decoder_options: Any = None) -> dict[str, Any]:
    """A model file of a pair."""
    return {
        "model_type": "autoencoder",
        "sample_rate": 16000,
        "model": {
            "encoder": {"type": encoder, "config": {**ENCODERS[encoder], **(encoder_options or {})}},
            "decoder": {"type": decoder, "config": {**DECODERS[decoder], **(decoder_options or {})}},
            "latent_dim": LATENTS,
            "downsampling_ratio": RATIO,
            "io_channels": 2,
        },
    }
