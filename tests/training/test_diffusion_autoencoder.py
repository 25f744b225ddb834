"""Diffusion autoencoders train in the engine of all others."""

import math

import pytest
import torch
from support.training_cases import RATE, experiment_config
from torch.nn import functional as F

from narrows.losses import AuralossLoss
from narrows.models import NotAvailableError, create_model_from_config
from narrows.models.diffusion.timesteps import spread_times
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import read_checkpoint
from narrows.training.trainers.diffusion_autoencoder import DiffusionAutoencoderForward


def config(**training):
    """A mono model over patches of 4 samples, with a variational bottleneck."""
    backbone = {
        "in_channels": 4,
        "channels": 8,
        "multipliers": [1, 2],
        "factors": [2],
        "num_blocks": [1],
        "attentions": [0, 0],
        "resnet_groups": 4,
        "context_channels": [3],
    }
    encoder = {"in_channels": 4, "channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 6}
    return {
        "model_type": "diffusion_autoencoder",
        "sample_rate": RATE,
        "sample_size": 1024,
        "audio_channels": 1,
        "model": {
            "pretransform": {"type": "patched", "config": {"channels": 1, "patch_size": 4}},
            "encoder": {"type": "oobleck", "config": encoder},
            "diffusion": {"type": "adp_1d", "config": backbone},
            "bottleneck": {"type": "vae"},
            "latent_dim": 3,
            "downsampling_ratio": 4,
            "io_channels": 4,
        },
        "training": {"learning_rate": 1e-3, "demo": {"demo_every": 2, "demo_steps": 2, "num_demos": 1}, **training},
    }


def test_a_step_is_that_of_the_reference():
    """Noise, target and prediction by the formulas of v-diffusion, and the loss by hand."""
    document = config(use_reconstruction_loss=True)
    torch.manual_seed(0)
    model = create_model_from_config(document)
    audio = 0.3 * torch.randn(3, 1, 4096)
    torch.manual_seed(1)
    info = DiffusionAutoencoderForward(model, with_audio=True)(audio)

    torch.manual_seed(1)
    given = model.pretransform.encode(audio)
    latents = model.bottleneck.encode(model.encoder(given))
    condition = F.interpolate(latents, given.shape[-1], mode="nearest")
    times = spread_times(3).to(given)
    noise = torch.randn_like(given)
    alpha, sigma = torch.cos(times * math.pi / 2)[:, None, None], torch.sin(times * math.pi / 2)[:, None, None]
    noisy, target = alpha * given + sigma * noise, alpha * noise - sigma * given
    velocity = model.diffusion(noisy, times, input_concat_cond=condition)
    torch.testing.assert_close(info["v"], velocity)
    torch.testing.assert_close(info["targets"], target)
    heard = model.pretransform.decode(alpha * noisy - sigma * velocity)
    torch.testing.assert_close(info["audio_pred"], heard)

    losses = create_training_wrapper_from_config(document, model).losses
    _, terms = losses(info)
    assert terms.keys() == {"mse_loss", "kl_loss", "mrstft_loss"}
    torch.testing.assert_close(terms["mse_loss"], F.mse_loss(velocity, target))
    spectral = next(loss for loss in losses.losses if isinstance(loss, AuralossLoss))
    torch.testing.assert_close(terms["mrstft_loss"], 0.1 * spectral.loss_module(heard, audio))


def test_times_are_spread_over_the_batch():
    times = torch.stack([spread_times(8).sort().values for _ in range(50)])
    assert bool(((times >= 0) & (times < 1)).all())
    torch.testing.assert_close(times.diff(dim=1), torch.full((50, 7), 1 / 8))
    assert len(times[:, 0].unique()) == 50


def test_a_run_goes_on_exactly_and_leaves_a_report(clips, tmp_path):
    whole = train(experiment_config(clips, tmp_path / "whole", config(), steps=4, val_every=2), progress=False)
    for steps in (1, 4):
        settings = {"steps": steps, "val_every": 2}
        parts = train(experiment_config(clips, tmp_path / "parts", config(), **settings), progress=False)
    one, other = (read_checkpoint(run.checkpoint)["state_dict"] for run in (whole, parts))
    assert any(key.startswith("ema.diffusion") for key in one)
    assert all(torch.equal(value, other[key]) for key, value in one.items())
    logged = [record for record in read_metrics(whole.folder / "metrics.jsonl") if record["split"] == "val"]
    assert all({"loss", "mse_loss", "kl"} <= record.keys() for record in logged)
    assert (whole.folder / "demos/step=00000002/00_reconstruction.wav").exists()
    assert "<audio" in whole.report.read_text()
    assert read_checkpoint(whole.best)["step"] in {2, 4}


def test_a_sampler_of_demos_is_refused_not_ignored():
    document = config(demo={"sampler": {"type": "v-ddim"}})
    with pytest.raises(NotAvailableError, match=r"training\.demo\.sampler"):
        create_training_wrapper_from_config(document, create_model_from_config(document))
