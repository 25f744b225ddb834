"""Hyperencoders train on pre-encoded latents in the engine of all others."""

import json

import numpy as np
import pytest
import torch
from training.cases import RATE, experiment_config

from narrows.models import load_model
from narrows.training import train
from narrows.training.checkpoints import read_checkpoint
from narrows.training.loggers.jsonl import read_metrics


def config(bottleneck=None, **training):
    inner = {"channels": 8, "c_mults": [1], "strides": [2]}
    doubled = 2 if bottleneck and bottleneck["type"] == "vae" else 1
    return {
        "model_type": "hyperencoder",
        "sample_rate": RATE,
        "sample_size": 16,
        "model": {
            "encoder": {"type": "oobleck", "config": {**inner, "in_channels": 6, "latent_dim": 3 * doubled}},
            "decoder": {
                "type": "oobleck",
                "config": {**inner, "out_channels": 6, "latent_dim": 3, "final_tanh": False},
            },
            "bottleneck": bottleneck,
            "latent_dim": 3,
        },
        "training": {"learning_rate": 3e-3, **training},
    }


@pytest.fixture(scope="module")
def latents(tmp_path_factory):
    """Latents of 6 channels that lie on 3: what a hyperencoder of 3 channels can learn."""
    folder = tmp_path_factory.mktemp("latents")
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((6, 3))
    for index in range(12):
        smooth = np.cumsum(rng.standard_normal((3, 32)), axis=1) / 4
        np.save(folder / f"{index:04d}.npy", (mixing @ smooth).astype(np.float32))
        (folder / f"{index:04d}.json").write_text(json.dumps({"padding_mask": [1] * 32, "seconds_total": 1}))
    return folder


def experiment(latents, folder, model, **settings):
    made = experiment_config(latents, folder, model, **settings)
    data = {"dataset_type": "pre_encoded", "path": str(latents), "latent_crop_length": 16}
    return {**made, "dataset_config": {**data, "random_crop": True}, "val_dataset_config": data}


def test_it_learns_latents_and_goes_on_exactly(latents, tmp_path):
    model = config({"type": "vae"}, use_ema=True, ema_decay=0.9)
    settings = {"steps": 60, "batch_size": 4, "val_every": 30, "log_every": 10}
    whole = train(experiment(latents, tmp_path / "whole", model, **settings), progress=False)
    for steps in (25, 60):
        parts = train(experiment(latents, tmp_path / "parts", model, **{**settings, "steps": steps}), progress=False)
    one, other = (read_checkpoint(run.checkpoint)["state_dict"] for run in (whole, parts))
    assert all(torch.equal(value, other[key]) for key, value in one.items())

    logged = [record for record in read_metrics(whole.folder / "metrics.jsonl") if record["split"] == "val"]
    assert logged[-1]["l2_latent_loss"] < 0.5 * logged[0]["l2_latent_loss"]
    assert {"l1_latent_loss", "kl", "active_dimensions"} <= logged[-1].keys()
    trained = load_model(whole.model)
    assert trained.decode_latents(trained.encode_latents(torch.randn(1, 6, 9))).shape == (1, 6, 10)
    assert whole.report.exists()
    assert not (whole.folder / "demos").exists()


def test_codebooks_of_latents_are_logged(latents, tmp_path):
    model = config({"type": "rvq", "config": {"dim": 3, "codebook_size": 8, "num_quantizers": 2}})
    run = train(experiment(latents, tmp_path, model, steps=2), progress=False)
    logged = [record for record in read_metrics(run.folder / "metrics.jsonl") if record["split"] == "train"]
    assert {"codebook_use/1", "codebook_perplexity/2", "quantizer_loss"} <= logged[-1].keys()
