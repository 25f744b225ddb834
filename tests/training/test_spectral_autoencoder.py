"""Spectral autoencoders run in the engine of all others: they learn, resume exactly and are rebuilt from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support.training_cases import RATE, experiment_config
from training.test_resume import assert_same

from narrows.configs import ConfigError
from narrows.data import audio_info, read_audio
from narrows.models import load_model
from narrows.pipelines.codec_files import decode_file, encode_file
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.checkpoints.files import read_checkpoint

STFT = {"n_fft": 64, "hop_length": 16}
TABLE = [(True, False, 2, 2), (True, True, 2, 4), (False, False, 1, 1), (False, True, 1, 2)]


def spectral_model(cac: bool = True, bottleneck: bool = True, **training: Any) -> dict[str, Any]:
    """A SEANet of a few thousand parameters; its channels are left to the data."""
    part = {
        "n_filters": 4, "ratios": [[2, 2], [2, 1]], "latent_fbins": 8, "seq_model": "none", "is_complex": not cac,
        "activation": "ELU" if cac else "CReLU", "activation_params": {},
    }  # fmt: skip
    return {
        "model_type": "spectral_autoencoder",
        "sample_rate": RATE,
        "model": {
            "stft": STFT,
            "cac": cac,
            "pre_transform": {"type": "power_norm", "config": {"alpha": 0.5}, "apply_target": True},
            "encoder": {"type": "seanet2d", "config": {"dimension": 16 if bottleneck else 8, **part}},
            "decoder": {"type": "seanet2d", "config": {"input_size": 8, **part}},
            "bottleneck": {"type": "vae"} if bottleneck else None,
        },
        "training": {
            "learning_rate": 3e-3,
            "loss_configs": {
                "spectral": {
                    "stft_mse": {},
                    "magnitude": {},
                    "mrstft": {"config": {"fft_sizes": [64, 32]}},
                    "weights": {"stft_mse": 1.0, "magnitude": 0.1, "mrstft": 0.1},
                },
                "time": {"weights": {"sisdr": 0.01}},
                "bottleneck": {"weights": {"kl": 1e-4}},
            },
            **training,
        },
    }


def data_set(data: Path, stereo: bool = True, cac: bool = True, **options: Any) -> dict[str, Any]:
    audio = {"dataset_type": "audio_dir", "path": str(data)}
    return {
        "dataset_type": "spectrogram", "audio": audio, "stft": STFT, "stereo": stereo, "cac": cac, "target_frames": 65,
        **options,
    }  # fmt: skip


def experiment(
    data: Path, folder: Path, model: dict[str, Any], stereo: bool = True, cac: bool = True, **more: Any
) -> Any:
    sets = {"dataset_config": data_set(data, stereo, cac), "val_dataset_config": None}
    return experiment_config(data, folder, model, **{**sets, **more})


@pytest.mark.parametrize(("stereo", "cac", "audio_channels", "channels"), TABLE)
def test_each_row_of_the_channel_table_learns(
    clips: Path, tmp_path: Path, stereo: bool, cac: bool, audio_channels: int, channels: int
) -> None:
    result = train(
        experiment(
            clips, tmp_path, spectral_model(cac, use_ema=True, ema_decay=0.5), stereo, cac, steps=12, val_every=6
        ),
        progress=False,
    )
    losses = [record["loss"] for record in read_metrics(result.folder / "metrics.jsonl") if record["split"] == "train"]
    assert losses[-1] < losses[0]
    assert result.skipped_steps == 0
    assert {"si_sdr", "mel_distance", "stft_distance", "kl", "active_dimensions"} <= set(result.metrics)
    assert result.report.is_file()
    config = json.loads(read_checkpoint(result.checkpoint)["config"])
    assert (config["audio_channels"], config["sample_size"]) == (audio_channels, 64 * 16)
    assert config["model"]["encoder"]["config"]["input_size"] == channels
    assert config["model"]["decoder"]["config"]["channels"] == channels
    audio = torch.randn(1, audio_channels, 1000)
    for path in (result.checkpoint, result.model):
        model = load_model(path)
        latents = model.encode_audio(audio)
        assert not latents.is_complex()
        assert model.decode_audio(latents, lengths=[1000])[0].shape == (audio_channels, 1000)
    assert list((result.folder / "demos").glob("step=*/*_latents.png"))


def test_stopping_and_going_on_changes_nothing(clips: Path, tmp_path: Path) -> None:
    model = spectral_model(cac=False, latent_mask_ratio=0.2, use_ema=True)
    whole = train(experiment(clips, tmp_path / "whole", model, cac=False, steps=4), progress=False)
    for steps in (1, 4):
        parts = train(experiment(clips, tmp_path / "parts", model, cac=False, steps=steps), progress=False)
    assert_same(read_checkpoint(whole.checkpoint), read_checkpoint(parts.checkpoint))


def test_a_discriminator_judges_the_waveform(clips: Path, tmp_path: Path) -> None:
    model = spectral_model(warmup_steps=1, discriminator_batch="next")
    model["training"]["loss_configs"]["discriminator"] = {
        "type": "encodec",
        "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
        "weights": {"adversarial": 0.1, "feature_matching": 1.0},
    }
    result = train(experiment(clips, tmp_path, model, steps=3), progress=False)
    last = [record for record in read_metrics(result.folder / "metrics.jsonl") if record["split"] == "train"][-1]
    assert last["discriminator_loss"] > 0
    assert last["feature_matching_loss"] > 0
    assert any(name.startswith("discriminator.") for name in read_checkpoint(result.checkpoint)["state_dict"])


def test_the_encoder_stops_learning_after_its_warm_up(clips: Path, tmp_path: Path) -> None:
    model = spectral_model(bottleneck=False, warmup_steps=1, encoder_freeze_on_warmup=True)
    model["training"]["loss_configs"].pop("bottleneck")
    states = [
        read_checkpoint(train(experiment(clips, tmp_path, model, steps=steps), progress=False).checkpoint)["state_dict"]
        for steps in (1, 3)
    ]
    changed = {name for name in states[0] if not torch.equal(states[0][name], states[1][name])}
    assert changed
    assert not any(name.startswith("model.encoder.") for name in changed)


def test_plain_audio_sets_serve_as_well_and_metrics_asked_for_are_measured(clips: Path, tmp_path: Path) -> None:
    asked = {"sisdr": {}, "stft": {"fft_size": 64, "hop_size": 16, "win_length": 64},
             "mel": {"fft_size": 256, "hop_size": 64, "win_length": 256, "n_mels": 16}}  # fmt: skip
    model = {**spectral_model(eval_loss_configs=asked), "sample_size": 1024}
    result = train(experiment_config(clips, tmp_path, model, steps=1), progress=False)
    assert result.metrics["sisdr"] == pytest.approx(result.metrics["si_sdr"], abs=0.5)
    assert {"stft", "mel"} <= set(result.metrics)
    assert json.loads(read_checkpoint(result.checkpoint)["config"])["model"]["encoder"]["config"]["input_size"] == 4


def test_data_that_do_not_fit_stop_before_training(clips: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Failed to resolve auto channels"):
        train(experiment(clips, tmp_path, spectral_model(cac=True), cac=False), progress=False)
    assert not (tmp_path / "run").exists()


def test_a_file_goes_through_a_checkpoint(clips: Path, tmp_path: Path) -> None:
    config = spectral_model(cac=False, bottleneck=False)
    config["training"]["loss_configs"].pop("bottleneck")
    model = load_model(train(experiment(clips, tmp_path, config, cac=False, steps=1), progress=False).checkpoint)
    source = next(clips.glob("*.wav"))
    header = encode_file(model, source, tmp_path / "clip.narrows")
    decode_file(model, tmp_path / "clip.narrows", tmp_path / "out.wav", subtype="FLOAT")
    assert header.ratio == 32
    assert audio_info(tmp_path / "out.wav").frames == audio_info(source).frames
    audio, _ = read_audio(source, channels=2)
    with torch.inference_mode():
        expected = model.decode_audio(model.encode_audio(audio[None]), lengths=[audio.shape[-1]])[0]
    written = soundfile.read(tmp_path / "out.wav", dtype="float32")[0].T
    torch.testing.assert_close(torch.from_numpy(written), expected, atol=1e-5, rtol=1e-4)
