"""Spectral autoencoders: the channel table, the data set against the model, and the losses."""

from __future__ import annotations

from typing import Any

import pytest

from narrows.configs import ConfigError, check_config, load_config
from narrows.configs.rules.spectral_data import resolved

STFT = {"n_fft": 64, "hop_length": 16}
TABLE = [(True, False, 2, 2), (True, True, 2, 4), (False, False, 1, 1), (False, True, 1, 2)]


def model(cac: bool = True, **changes: Any) -> dict[str, Any]:
    part = {"ratios": [[2, 1]], "latent_fbins": 16, "is_complex": not cac, "seq_model": "none"}
    part |= {"activation": "ELU" if cac else "CReLU"}
    return {
        "model_type": "spectral_autoencoder",
        "sample_rate": 16000,
        "model": {
            "stft": STFT,
            "cac": cac,
            "encoder": {"type": "seanet2d", "config": {"dimension": 8, **part}},
            "decoder": {"type": "seanet2d", "config": {"input_size": 8, **part}},
        },
        "training": {
            "learning_rate": 1e-3,
            "loss_configs": {"spectral": {"stft_mse": {}, "weights": {"stft_mse": 1.0}}},
        },
        **changes,
    }


def data(**changes: Any) -> dict[str, Any]:
    audio = {"dataset_type": "audio_dir", "path": "audio"}
    return {"dataset_type": "spectrogram", "audio": audio, "stft": STFT, "target_frames": 33, "cac": True, **changes}


def experiment(model: dict[str, Any], data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"experiment": "train", "model_config": model, "dataset_config": data, **changes}


def messages(document: dict[str, Any]) -> dict[str, str]:
    return {problem.pointer: f"{problem.message} {problem.hint}" for problem in check_config(document)}


@pytest.mark.parametrize(("stereo", "cac", "audio_channels", "channels"), TABLE)
def test_auto_channels_are_resolved_from_the_data(stereo: bool, cac: bool, audio_channels: int, channels: int) -> None:
    config = load_config(experiment(model(cac), data(stereo=stereo, cac=cac)))
    found = resolved(config.model_config_, config.dataset_config)
    assert (found.audio_channels, found.model.io_channels, found.sample_size) == (audio_channels, audio_channels, 512)
    assert (found.model.encoder.config.input_size, found.model.decoder.config.channels) == (channels, channels)
    assert load_config(found) == found
    written = found.model_dump(exclude_unset=True)
    assert written["model"]["io_channels"] == audio_channels
    assert config.model_config_.model.encoder.config.input_size == "auto"


def test_a_model_that_names_its_channels_keeps_them() -> None:
    config = load_config(experiment(model(audio_channels=1, sample_size=4096), data(stereo=False, target_frames=None)))
    found = resolved(config.model_config_, config.dataset_config)
    assert (found.audio_channels, found.sample_size) == (1, 4096)
    audio = load_config({"dataset_type": "audio_dir", "path": "audio"})
    assert resolved(load_config(model()), audio).model.encoder.config.input_size == 4
    plain = {"model_type": "autoencoder"}
    assert resolved(type("Config", (), plain)(), audio).model_type == "autoencoder"


@pytest.mark.parametrize(
    ("model", "data", "pointer", "message"),
    [
        (model(audio_channels=2), data(stereo=False), "stereo",
         "Failed to resolve auto channels: the data set gives 2 real channels (1 of audio) but the model takes 4 real"
         " channels (2 of audio). Write true in the data set, or `audio_channels: 1`"),
        (model(), data(cac=False), "cac",
         "Failed to resolve auto channels: the data set gives 2 complex channels (2 of audio) but the model takes 4"
         " real channels (2 of audio). Write true in the data set, or `cac: false` and `is_complex: true`"),
        (model(), data(stft={**STFT, "win_length": 48}), "stft/win_length",
         "The data set's transform has win_length 48, the model's 64. Write 64"),
        (model(sample_size=1024), data(), "target_frames",
         "33 frames are 512 samples but the model trains on 1024. Write 65, or `sample_size: 512` in the model."),
        (model(), data(sample_rate=8000), "sample_rate",
         "The data set is for 8000 Hz but the model for 16000 Hz. Write 16000, or leave it out."),
        (model(), data(deliver="spectrogram"), "deliver", "Training takes audio"),
    ],
)  # fmt: skip
def test_data_that_do_not_fit_are_an_error_before_training(model: Any, data: Any, pointer: str, message: str) -> None:
    for key in ("dataset_config", "val_dataset_config"):
        document = experiment(model, data, **{key: data})
        found = messages(document)
        assert message in found[f"/{key}/{pointer}"]
        with pytest.raises(ConfigError):
            load_config(document)


def test_numbers_instead_of_auto_are_not_called_auto() -> None:
    fixed = model(audio_channels=2)
    fixed["model"]["io_channels"] = 2
    fixed["model"]["encoder"]["config"]["input_size"] = fixed["model"]["decoder"]["config"]["channels"] = 4
    found = messages(experiment(fixed, data(stereo=False)))
    assert found["/dataset_config/stereo"].startswith("The data set gives 2 real channels")


def test_the_other_order_of_the_same_transform_is_no_difference() -> None:
    assert not messages(experiment(model(), data(stft={**STFT, "win_length": 64, "window": "hann"})))


def test_a_plain_autoencoder_can_take_its_audio_from_a_spectrogram_set() -> None:
    part = {"latent_dim": 4, "channels": 4, "c_mults": [1], "strides": [2]}
    plain = {
        "model_type": "autoencoder", "sample_rate": 16000, "sample_size": 512, "audio_channels": 2,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 2, **part}},
            "decoder": {"type": "oobleck", "config": {"out_channels": 2, **part}},
            "latent_dim": 4, "downsampling_ratio": 2, "io_channels": 2,
        },
        "training": {"learning_rate": 1e-3, "loss_configs": {"time": {"weights": {"l1": 1.0}}}},
    }  # fmt: skip
    assert not messages(experiment(plain, data()))
    assert "gives 1 audio channels" in messages(experiment(plain, data(stereo=False)))["/dataset_config/stereo"]


def test_a_crop_needs_a_length() -> None:
    found = messages(experiment(model(), {"dataset_type": "audio_dir", "path": "audio"}))
    assert "'sample_size' is required for training" in found["/model_config/sample_size"]


@pytest.mark.parametrize(("cac", "precision", "fits"), [
    (True, "32-true", True), (True, "bf16-mixed", True), (True, "bf16-true", False),
    (False, "32-true", True), (False, "bf16-mixed", False), (False, "16-mixed", False),
])  # fmt: skip
def test_complex_weights_are_single(cac: bool, precision: str, fits: bool) -> None:
    found = messages(experiment(model(cac), data(cac=cac), precision=precision))
    assert ("/precision" in found) is not fits


def test_a_model_file_without_its_model_says_so() -> None:
    with pytest.raises(ConfigError, match="Model configuration must contain a 'model' section"):
        load_config({"model_type": "spectral_autoencoder", "sample_rate": 16000})


def losses(**parts: Any) -> dict[str, str]:
    return messages(model(training={"learning_rate": 1e-3, "loss_configs": parts}))


def test_losses() -> None:
    place = "/training/loss_configs"
    assert "No reconstruction loss" in losses(spectral={"stft_mse": {}})[place]
    assert f"{place}/spectral/weights/magnitude" in losses(spectral={"magnitude": {}}, time={"weights": {"l1": 1.0}})
    zero = {"mrstft": {"config": {"factor_sc": 0, "factor_mag": 0}}, "weights": {"mrstft": 1.0}}
    assert "All factors are 0" in losses(spectral=zero)[f"{place}/spectral/mrstft/config/factor_sc"]
    long = {"mrstft_sc": {"config": {"win_lengths": [512, 1024, 4096]}}, "weights": {"mrstft": 1.0}}
    assert f"{place}/spectral/mrstft_sc/config/win_lengths/2" in losses(spectral=long)
    config = {"fft_sizes": [64], "hop_sizes": [16], "win_lengths": [64], "w_diff": 0.5}
    sides = {"mrstft_stable_audio": {"config": config}, "weights": {"mrstft": 1.0}}
    assert "has no effect" in losses(spectral=sides)[f"{place}/spectral/mrstft_stable_audio/config/w_diff"]
    assert not losses(spectral={"magnitude": {}, "weights": {"magnitude": 1.0}})


def test_a_vae_on_the_tiny_default_weight_is_warned_about() -> None:
    document = model()
    document["model"]["encoder"]["config"]["dimension"] = 16
    document["model"]["bottleneck"] = {"type": "vae"}
    (found,) = check_config(document)
    assert (found.level, found.pointer) == ("warning", "/training/loss_configs/bottleneck/weights/kl")
    assert "1e-6 is used" in found.message
    document["training"]["loss_configs"]["bottleneck"] = {"weights": {"kl": 1e-4}}
    assert not check_config(document)


def test_a_discriminator_needs_its_optimizer_here_too() -> None:
    optimizer = {"optimizer": {"type": "AdamW", "config": {"lr": 1e-3}}}
    document = model()
    document["training"] |= {"learning_rate": None, "optimizer_configs": {"autoencoder": optimizer}}
    document["training"]["loss_configs"]["discriminator"] = {
        "type": "encodec", "config": {"filters": 2}, "weights": {"adversarial": 0.1, "feature_matching": 1.0},
    }  # fmt: skip
    assert "/training/optimizer_configs/discriminator" in messages(document)


def test_a_discriminator_takes_the_channels_of_the_audio() -> None:
    document = model(audio_channels=1)
    document["training"]["loss_configs"]["discriminator"] = {
        "type": "oobleck", "config": {"in_channels": 2}, "weights": {"adversarial": 0.1, "feature_matching": 1.0},
    }  # fmt: skip
    pointer = "/training/loss_configs/discriminator/config/in_channels"
    assert "takes 2 channels but the model gives 1" in messages(document)[pointer]
    document["audio_channels"] = 2
    assert not messages(document)
