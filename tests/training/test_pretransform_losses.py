"""Training in the domain of a pretransform: audio is made where a loss looks at it, and nowhere else."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from support.option_coverage import noted
from support.training_cases import experiment_config, model_config

from narrows.configs import ConfigError, load_config
from narrows.models import create_model_from_config
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.distributed.fabric import create_fabric
from narrows.training.trainers.autoencoder import AutoencoderForward

BINS = 33
BOTH = {"weights": {"l1": 0.5, "l2": 2.0}, "decay": 0.5}


def spectral_model(loss: dict[str, Any] | None = None, **losses: Any) -> dict[str, Any]:
    """The small model behind spectra of two channels."""
    model = model_config({"type": "vae"})
    model["model"] |= {
        "pretransform": {"type": "spectrogram", "config": {"channels": 2, "n_fft": 64, "hop_length": 16}},
        "downsampling_ratio": 128,
    }
    model["model"]["encoder"]["config"]["in_channels"] = 2 * BINS
    model["model"]["decoder"]["config"]["out_channels"] = 2 * BINS
    kept = {"pretransform": loss or BOTH, "bottleneck": {"weights": {"kl": 1e-3}}, **losses}
    model["training"]["loss_configs"] = kept
    return model


def forward_of(config: dict[str, Any]) -> AutoencoderForward:
    """The forward pass of a training."""
    _, training = wrapped(config)
    data = {"dataset_type": "audio_dir", "path": "unused"}
    whole = {"experiment": "train", "model_config": config, "dataset_config": data, "accelerator": "cpu"}
    training.setup(create_fabric(load_config(whole, "experiment")))
    return training.forward  # type: ignore[no-any-return]


def wrapped(config: dict[str, Any]) -> tuple[Any, Any]:
    torch.manual_seed(0)
    model = create_model_from_config(config)
    return model, create_training_wrapper_from_config(config, model)


def audio() -> torch.Tensor:
    return 0.3 * torch.randn(2, 2, 1024, generator=torch.Generator().manual_seed(0))


def test_terms_are_distances_of_what_networks_take_and_give() -> None:
    model, training = wrapped(spectral_model())
    training.losses.set_step(0)
    given = audio()
    info = AutoencoderForward(model, transformed=True, audio=False)(given)
    _, terms = training.losses(info)
    assert terms.keys() == {"l1_pretransform_loss", "l2_pretransform_loss", "kl_loss"}
    spectra = model.pretransform.encode(given)
    assert torch.equal(info["transformed"], spectra)
    torch.testing.assert_close(
        terms["l2_pretransform_loss"], 0.5 * 2.0 * (spectra - info["transformed_decoded"]).square().mean()
    )
    terms["l1_pretransform_loss"].backward()
    assert all(p.grad is not None for p in [*model.encoder.parameters(), *model.decoder.parameters()])


def test_audio_is_made_for_losses_of_audio_alone() -> None:
    given = audio()
    model, _ = wrapped(spectral_model())
    assert "decoded" not in AutoencoderForward(model, transformed=True, audio=False)(given)
    info = AutoencoderForward(model, transformed=True)(given)
    assert torch.equal(info["decoded"], model.audio_of(info["transformed_decoded"]))
    losses: list[dict[str, Any]] = [{}, {"time": {"weights": {"l1": 1.0}}}, {"time": {"weights": {"l1": 0.0}}}]
    assert [forward_of(spectral_model(**more)).audio for more in losses] == [False, True, False]


def test_padding_does_not_dilute_the_distance() -> None:
    model, training = wrapped(spectral_model({"weights": {"l2": 1.0}}))
    mask = torch.arange(1024)[None].expand(2, -1) < 512
    info = AutoencoderForward(model, transformed=True, audio=False)(audio(), mask=mask)
    error = (info["transformed"] - info["transformed_decoded"]).square()[..., : 512 // 16].mean()
    torch.testing.assert_close(training.losses(info)[1]["l2_pretransform_loss"], error)
    assert info["frame_mask"].shape == (2, info["latents"].shape[-1])


def test_a_run_learns_and_validates_by_audio(clips: Path, tmp_path: Path) -> None:
    config = experiment_config(clips, tmp_path, spectral_model(), steps=20, val_every=20, checkpoint_every=20)
    config["model_config"]["training"]["learning_rate"] = 1e-2
    with noted() as read:
        run = train(config, progress=False)
    assert read["PretransformLossConfig"] == {"weights", "decay"}
    assert read["PretransformLossWeights"] == {"l1", "l2"}
    records = read_metrics(run.folder / "metrics.jsonl")
    errors = [
        record["l2_pretransform_loss"] / 0.5 ** (record["step"] + 1) for record in records if record["split"] == "train"
    ]
    assert sum(errors[-5:]) < sum(errors[:5])
    assert math.isfinite(run.metrics["mel_distance"])


def test_it_needs_a_pretransform() -> None:
    model = model_config(None)
    model["training"]["loss_configs"]["pretransform"] = BOTH
    with pytest.raises(ConfigError, match="The model has no pretransform"):
        load_config(model)
