"""The architectures that are compared: those of the files that stable-audio-tools ships."""

from __future__ import annotations

import copy
from typing import Any

SCALES = [2048, 1024, 512, 256, 128, 64, 32]


def oobleck() -> dict[str, Any]:
    """Stable Audio 2.0's autoencoder, and how it is trained."""
    shape = {"channels": 128, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
    encoder = {"in_channels": 2, "latent_dim": 128, **shape}
    decoder = {"out_channels": 2, "latent_dim": 64, "final_tanh": False, **shape}
    config = _autoencoder("oobleck", encoder, decoder, {"type": "vae"}, 44100, 2, 64, 2048)
    return config | {"training": _training()}


def dac() -> dict[str, Any]:
    """The DAC at a downsampling of 2048."""
    encoder = {"latent_dim": 64, "d_model": 128, "strides": [4, 8, 8, 8]}
    decoder = {"latent_dim": 32, "channels": 1536, "rates": [8, 8, 8, 4]}
    return _autoencoder("dac", encoder, decoder, {"type": "vae"}, 44100, 1, 32, 2048)


def seanet() -> dict[str, Any]:
    """MusicGen's EnCodec."""
    side = {
        "channels": 1,
        "dimension": 128,
        "n_filters": 64,
        "ratios": [4, 4, 5, 8],
        "n_residual_layers": 1,
        "dilation_base": 2,
        "lstm": 2,
        "norm": "weight_norm",
    }
    quantizer = {"num_quantizers": 4, "codebook_size": 2048, "dim": 128, "decay": 0.99, "threshold_ema_dead_code": 2}
    # The reference turns the encoder's list of ratios round in place, so the decoder needs one of its own.
    return _autoencoder("seanet", side, copy.deepcopy(side), {"type": "rvq", "config": quantizer}, 32000, 1, 128, 640)


ARCHITECTURES = {"oobleck": oobleck, "dac": dac, "seanet": seanet}


def _autoencoder(
    kind: str,
    encoder: dict[str, Any],
    decoder: dict[str, Any],
    bottleneck: dict[str, Any],
    rate: int,
    channels: int,
    latent_dim: int,
    ratio: int,
) -> dict[str, Any]:
    return {
        "model_type": "autoencoder",
        "sample_rate": rate,
        "sample_size": 65536,
        "audio_channels": channels,
        "model": {
            "encoder": {"type": kind, "config": encoder},
            "decoder": {"type": kind, "config": decoder},
            "bottleneck": bottleneck,
            "latent_dim": latent_dim,
            "downsampling_ratio": ratio,
            "io_channels": channels,
        },
    }


def _training() -> dict[str, Any]:
    windows = {"n_ffts": SCALES[:5], "hop_lengths": [n // 4 for n in SCALES[:5]], "win_lengths": SCALES[:5]}
    spectral = {"fft_sizes": SCALES, "hop_sizes": [n // 4 for n in SCALES], "win_lengths": SCALES}
    return {
        "learning_rate": 1.5e-4,
        "warmup_steps": 0,
        "use_ema": True,
        "optimizer_configs": {"autoencoder": _optimizer(1.5e-4), "discriminator": _optimizer(3e-4)},
        "loss_configs": {
            "discriminator": {
                "type": "encodec",
                "config": {"filters": 64, **windows},
                "weights": {"adversarial": 0.1, "feature_matching": 5.0},
            },
            "spectral": {
                "type": "mrstft",
                "config": {**spectral, "perceptual_weighting": True},
                "weights": {"mrstft": 1.0},
            },
            "time": {"type": "l1", "weights": {"l1": 0.0}},
            "bottleneck": {"type": "kl", "weights": {"kl": 1e-4}},
        },
    }


def _optimizer(rate: float) -> dict[str, Any]:
    # Without a schedule: the reference's fails with this torch.
    return {"optimizer": {"type": "AdamW", "config": {"betas": [0.8, 0.99], "lr": rate, "weight_decay": 1e-3}}}
