"""Two documents as most people write them: what they use is compiled when the loader is imported.

Compiling a class takes longer than checking a document with it. The classes of other documents are compiled when the
first of them is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from narrows.configs._families import FAMILIES
from narrows.configs.rules import import_all

_OPTIMIZER = {
    "optimizer": {"type": "AdamW", "config": {"lr": 1e-4}},
    "scheduler": {"type": "InverseLR", "config": {}},
}
_AUTOENCODER = {
    "encoder": {"type": "oobleck", "config": {"latent_dim": 128}},
    "decoder": {"type": "oobleck", "config": {"latent_dim": 64}},
    "bottleneck": {"type": "vae"},
    "latent_dim": 64,
    "downsampling_ratio": 512,
    "io_channels": 2,
}
USUAL: tuple[Mapping[str, Any], ...] = (
    {
        "model_type": "autoencoder",
        "sample_rate": 44100,
        "sample_size": 65536,
        "model": _AUTOENCODER,
        "training": {
            "optimizer_configs": {"autoencoder": _OPTIMIZER, "discriminator": _OPTIMIZER},
            "loss_configs": {
                "discriminator": {
                    "type": "encodec",
                    "config": {"filters": 64},
                    "weights": {"adversarial": 0.1, "feature_matching": 5.0},
                },
                "spectral": {"config": {}, "weights": {"mrstft": 1.0}},
                "time": {"weights": {"l1": 0.0}},
                "bottleneck": {"weights": {"kl": 1e-4}},
            },
            "demo": {},
        },
    },
    {
        "model_type": "diffusion_cond",
        "sample_rate": 44100,
        "sample_size": 65536,
        "model": {
            "pretransform": {"type": "autoencoder", "config": _AUTOENCODER},
            "conditioning": {
                "cond_dim": 768,
                "configs": [
                    {"id": "prompt", "type": "clap_text", "config": {"clap_ckpt_path": "clap.ckpt"}},
                    {"id": "seconds_total", "type": "number", "config": {"max_val": 512}},
                ],
            },
            "diffusion": {"type": "dit", "config": {"io_channels": 64, "embed_dim": 768, "num_heads": 12, "depth": 12}},
            "io_channels": 64,
        },
        "training": {
            "optimizer_configs": {"diffusion": _OPTIMIZER},
            "demo": {"num_demos": 1, "demo_cond": [{"prompt": "rain", "seconds_total": 1}], "demo_cfg_scales": [1]},
        },
    },
)


def compile_usual() -> None:
    """Compile what usual documents use: classes and rules."""
    import_all()
    for document in USUAL:
        with suppress(ValidationError):  # what only saves time must not keep the package from being imported
            FAMILIES["model"].tagged.validator.validate_python(document)
