"""Hyperencoders train on pre-encoded latents in the engine of all others."""

import json

import numpy as np
import pytest
import torch
from support.training_cases import RATE, experiment_config
from support.training_cases import model_config as outer_config

from narrows.data import DataError
from narrows.models import create_model_from_config, load_model
from narrows.pipelines.metrics_log import read_metrics
from narrows.pipelines.pre_encode.statistics import Statistics
from narrows.training import train
from narrows.training.checkpoints.files import read_checkpoint


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


def standardizing(**options):
    made = config(**options)
    return {**made, "model": {**made["model"], "standardize": True}}


@pytest.fixture(scope="module")
def counted(latents, tmp_path_factory):
    """The same latents far from 0, in two folders with manifests; one channel is dead."""
    places = {"latents": [], "statistics": []}
    for part in range(2):
        folder = tmp_path_factory.mktemp("counted")
        statistics = Statistics()
        for path in sorted(latents.glob("*.npy"))[part::2]:
            shifted = np.load(path) * np.array([[0], [1], [2], [3], [4], [5]], np.float32) + 7
            np.save(folder / path.name, shifted)
            (folder / path.with_suffix(".json").name).write_text(path.with_suffix(".json").read_text())
            statistics.add(torch.from_numpy(shifted))
            places["latents"].append(shifted)
        (folder / "manifest.json").write_text(json.dumps({"statistics": statistics.to_json()}))
        places["statistics"].append(folder)
    return places["statistics"], np.concatenate(places["latents"], axis=1)


def test_it_stores_the_statistics_of_its_latents(counted, tmp_path):
    folders, latents = counted
    made = experiment(folders[0], tmp_path / "run", standardizing(use_ema=True), steps=2, batch_size=2)
    made["dataset_config"] |= {"datasets": [{"id": str(n), "path": str(f)} for n, f in enumerate(folders)]}
    del made["dataset_config"]["path"]
    run = train(made, progress=False)
    model = load_model(run.model)
    assert torch.allclose(model.latent_mean, torch.from_numpy(latents.mean(1)), rtol=1e-5)
    std = torch.from_numpy(latents.std(1))
    assert torch.allclose(model.latent_std[1:], std[1:], rtol=1e-4)
    assert model.latent_std[0] == pytest.approx(0.01 * float(std.median()), rel=1e-4)

    whole = torch.from_numpy(latents)[None, :, :32]
    standard = (whole - model.latent_mean[:, None]) / model.latent_std[:, None]
    inner = model.encoder(standard)
    assert torch.allclose(model.encode(whole), inner, atol=1e-5)
    outer = model.decoder(inner) * model.latent_std[:, None] + model.latent_mean[:, None]
    assert torch.allclose(model.decode(inner), outer, atol=1e-5)
    assert torch.allclose(model.encode_latents(whole, 3), inner, atol=1e-4)

    # Fine-tuning keeps the numbers that the weights were trained with.
    other = experiment(folders[1], tmp_path / "tuned", standardizing(), steps=1, batch_size=2)
    tuned = train({**other, "pretrained_ckpt_path": str(run.model)}, progress=False)
    assert torch.equal(load_model(tuned.model).latent_mean, model.latent_mean)


def test_latents_without_statistics_are_told(latents, tmp_path):
    with pytest.raises(DataError, match=r"has no manifest[.]json with statistics of latents"):
        train(experiment(latents, tmp_path, standardizing(), steps=1), progress=False)


def test_statistics_must_fit(counted):
    model = create_model_from_config(standardizing())
    with pytest.raises(ValueError, match="of 3 channels, the hyperencoder takes 6"):
        model.set_statistics(torch.zeros(3), torch.ones(3))
    with pytest.raises(ValueError, match="above 0"):
        model.set_statistics(torch.zeros(6), torch.zeros(6))
    with pytest.raises(ValueError, match="latents must be of shape"):
        model.encode(torch.zeros(1, 3, 8))


def test_the_outer_model_is_saved_once_and_older_checkpoints_go_on(latents, tmp_path):
    model = config({"type": "vae"}, use_ema=True, ema_decay=0.5)
    model["model"]["outer"] = {"config": {**outer_config(None, width=6), "training": None}}
    settings = {"val_batches": 0, "checkpoint_every": 2}
    whole = train(experiment(latents, tmp_path / "whole", model, steps=4, **settings), progress=False)
    state = read_checkpoint(whole.checkpoint)["state_dict"]
    assert any(key.startswith("model.outer.") for key in state)
    assert any(key.startswith("ema.encoder.") for key in state)
    assert not any(key.startswith("ema.outer.") for key in state)
    saved, loaded = load_model(whole.model).state_dict(), load_model(whole.checkpoint).state_dict()
    assert any(key.startswith("outer.") for key in loaded)
    assert all(torch.equal(value, loaded[key]) for key, value in saved.items())
    raw = load_model(whole.checkpoint, prefer="raw").state_dict()
    assert any(not torch.equal(value, loaded[key]) for key, value in raw.items())

    # Earlier releases saved the outer model with the average as well.
    parts = train(experiment(latents, tmp_path / "parts", model, steps=2, **settings), progress=False)
    content = torch.load(parts.checkpoint, weights_only=True)
    outer = {key: value for key, value in content["state_dict"].items() if key.startswith("model.outer.")}
    content["state_dict"] |= {key.replace("model.", "ema.", 1): value for key, value in outer.items()}
    torch.save(content, parts.checkpoint)
    assert load_model(parts.checkpoint).state_dict().keys() == loaded.keys()
    parts = train(experiment(latents, tmp_path / "parts", model, steps=4, **settings), progress=False)
    again = read_checkpoint(parts.checkpoint)["state_dict"]
    assert again.keys() == state.keys()
    assert all(torch.equal(value, again[key]) for key, value in state.items())
