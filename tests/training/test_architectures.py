"""Every encoder and decoder trains an epoch with every bottleneck."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from support.pair_configs import LATENTS, TYPES, config

from narrows.configs._families import FAMILIES
from narrows.data import create_dataloader_from_config
from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config

WIDTH = {
    "oobleck": "latent_dim",
    "dac": "latent_dim",
    "seanet": "dimension",
    "taae": "latent_dim",
    "mimi": "dimension",
    "snac": "d_model",
}
"""What an encoder calls the channels of its latents; `out_channels` where it is not here."""
VARIATIONAL = {"vae", "rvq_vae", "dac_rvq_vae"}
RESIDUAL = {"codebook_size": 8, "num_quantizers": 2, "dim": LATENTS}
DAC = {"input_dim": LATENTS, "codebook_size": 8, "n_codebooks": 2, "codebook_dim": 2}
OPTIONS: dict[str, dict[str, Any]] = {
    "skip": {"target_channels": LATENTS},
    "softnorm": {"dim": LATENTS},
    "rvq": RESIDUAL,
    "rvq_vae": RESIDUAL,
    "simvq": RESIDUAL,
    "grouped_rvq": {**RESIDUAL, "groups": 2},
    "dac_rvq": DAC,
    "dac_rvq_vae": DAC,
    "fsq": {"levels": [4, 4], "num_codebooks": 2, "dim": LATENTS},
    "dithered_fsq": {"dim": 2, "levels": 4, "num_codebooks": 2},
    "residual_fsq": {"levels": [4, 4], "num_quantizers": 2, "dim": LATENTS},
    "lfq": {"codebook_size": 16, "num_codebooks": 2, "dim": LATENTS},
    "split_rvq": {**RESIDUAL, "codebook_dim": 2},
    "snac_rvq": {"input_dim": LATENTS // 2, "codebook_size": 8, "codebook_dim": 2, "strides": [2, 1], "fold": 2},
    "vector_quantize_pytorch": {"quantizer": "ResidualVQ", **RESIDUAL},
}
SPECTRAL = {"fft_sizes": [128, 64], "hop_sizes": [32, 16], "win_lengths": [128, 64]}


def document(kind: str, bottleneck: str) -> dict[str, Any]:
    """A model file."""
    # The width of SNAC's latents is that of its first stage, 1 here, by its strides.
    twice = 2 if kind == "snac" else 2 * LATENTS
    wide = {WIDTH.get(kind, "out_channels"): twice} if bottleneck in VARIATIONAL else None
    made = config(kind, kind, encoder_options=wide)
    made["model"]["bottleneck"] = {"type": bottleneck, "config": OPTIONS.get(bottleneck, {})}
    losses = {
        "spectral": {"config": SPECTRAL, "weights": {"mrstft": 1.0}},
        "time": {"weights": {"l1": 1.0}},
    }
    return made | {
        "sample_size": 1024,
        "audio_channels": 2,
        "training": {"learning_rate": 1e-3, "loss_configs": losses, "demo": {"demo_every": 1000}},
    }


@pytest.mark.parametrize("bottleneck", FAMILIES["bottleneck"].tags)
@pytest.mark.parametrize("kind", TYPES)
def test_trains_an_epoch(kind, bottleneck, clips):
    torch.manual_seed(0)
    made = document(kind, bottleneck)
    model = create_model_from_config(made)
    training = create_training_wrapper_from_config(made, model)
    training.setup(Fabric(accelerator="cpu", devices=1))
    training.train()
    before = {name: value.clone() for name, value in model.named_parameters()}
    data = {"dataset_type": "audio_dir", "path": str(clips)}
    loader = create_dataloader_from_config(data, 2, 1024, made["sample_rate"], audio_channels=2, num_workers=0)
    outcomes = [training.step([batch], step) for step, batch in enumerate(loader)]
    assert len(outcomes) == 3
    for outcome in outcomes:
        assert outcome.updated, outcome.problem
    changed = {name.split(".")[0] for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    assert {"encoder", "decoder"} <= changed
