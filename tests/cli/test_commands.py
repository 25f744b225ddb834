"""Commands on top of the libraries: migrate, convert, data, pre-encode, inspect, from the user's side."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import save_file

from narrows.cli import main
from narrows.configs import load_config
from narrows.models import create_model_from_config, load_model, save_model

SHAPE = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}
MODEL = {
    "model_type": "autoencoder",
    "sample_rate": 8000,
    "sample_size": 1024,
    "audio_channels": 1,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 1, "latent_dim": 6, **SHAPE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 1, "latent_dim": 6, **SHAPE}},
        "bottleneck": {"type": "fsq", "config": {"levels": [5, 5, 5], "num_codebooks": 2}},
        "latent_dim": 6,
        "downsampling_ratio": 8,
        "io_channels": 1,
    },
}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number, seconds in enumerate((0.3, 0.5)):
        noise = np.random.default_rng(number).normal(0, 0.1, int(8000 * seconds))
        soundfile.write(folder / f"{number}.wav", noise, 8000)
    (folder / "broken.wav").write_text("this is no audio")
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return save_model(create_model_from_config(MODEL), tmp_path / "model")


def test_migrate_writes_an_experiment_that_validates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scales = {"fft_sizes": [512], "hop_sizes": [128], "win_lengths": [512]}
    losses = {"spectral": {"config": scales, "weights": {"mrstft": 1.0}}}
    training = {"learning_rate": 1e-4, "loss_configs": losses}
    (tmp_path / "model.json").write_text(json.dumps({**MODEL, "training": training}))
    (tmp_path / "data.json").write_text(
        json.dumps({"dataset_type": "audio_dir", "datasets": [{"id": "mine", "path": "music"}], "random_crop": True})
    )
    (tmp_path / "run.ini").write_text(
        "[DEFAULTS]\nname = mine\nbatch_size = 3\n"
        f"model_config = '{tmp_path / 'model.json'}'\ndataset_config = '{tmp_path / 'data.json'}'\n"
    )
    target = tmp_path / "experiment.yaml"
    assert main(["migrate", str(tmp_path / "run.ini"), "-o", str(target)]) == 0
    assert load_config(target).batch_size == 3
    assert main(["migrate", str(tmp_path / "run.ini"), "-o", str(target)]) == 1
    assert "--overwrite" in capsys.readouterr().err


def test_convert_makes_a_model_folder_that_computes_the_same(tmp_path: Path, model: Path) -> None:
    weights = {f"autoencoder.{key}": value for key, value in load_model(model).state_dict().items()}
    save_file(weights, tmp_path / "wrapped.safetensors")
    folder = tmp_path / "converted"
    command = ["convert", str(tmp_path / "wrapped.safetensors"), "--config", str(model / "model_config.json")]
    assert main([*command, "-o", str(folder)]) == 0
    audio = torch.randn(1, 1, 64)
    with torch.inference_mode():
        torch.testing.assert_close(load_model(folder)(audio), load_model(model)(audio), atol=0, rtol=0)


def test_convert_explains_weights_that_do_not_fit(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_file({"encoder.layers.0.bias": torch.zeros(3)}, tmp_path / "other.safetensors")
    command = ["convert", str(tmp_path / "other.safetensors"), "--config", str(model / "model_config.json")]
    assert main([*command, "-o", str(tmp_path / "out")]) == 1
    assert "encoder.layers.0.bias" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_data_inspect_counts_what_is_there_and_names_what_is_broken(
    music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "inspect", str(music), "--html", str(tmp_path / "report.html")]) == 0
    assert "broken.wav" in capsys.readouterr().out
    assert "broken.wav" in (tmp_path / "report.html").read_text()
    assert main(["data", "inspect", str(music), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["files"]) == 2


def test_data_pack_writes_shards(music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "pack", str(music), "-o", str(tmp_path / "shards")]) == 0
    assert "broken.wav" in capsys.readouterr().out
    (shard,) = (tmp_path / "shards").glob("*.tar")
    with tarfile.open(shard) as archive:
        assert sum(name.endswith(".wav") for name in archive.getnames()) == 2


def test_pre_encode_writes_shards_and_a_manifest(
    music: Path,
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    command = ["pre-encode", f"ckpt_path={model}", f"data.path={music}", f"output_path={tmp_path / 'latents'}"]
    assert main([*command, "num_workers=1"]) == 0
    printed = capsys.readouterr().out
    assert "2 clips" in printed
    assert "complete" in printed
    assert caplog.text.count("broken.wav") == 1
    assert main([*command, "num_workers=1"]) == 0
    assert "0 clips" in capsys.readouterr().out, "nothing is encoded twice"


def test_inspect_tells_rates_and_bitrate(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(model), "--layers"]) == 0
    printed = capsys.readouterr().out
    assert "13.93 kbit/s" in printed
    assert "6 channels at 1000.00 Hz" in printed
    assert "encoder.layers.0" in printed


def test_encode_and_decode_give_back_the_file(music: Path, model: Path, tmp_path: Path) -> None:
    assert main(["encode", str(model), str(music / "0.wav"), "-o", str(tmp_path / "codes"), "--device", "cpu"]) == 0
    codes = tmp_path / "codes" / "0.narrows"
    assert codes.stat().st_size < 2000
    assert main(["decode", str(model), str(codes), "-o", str(tmp_path / "out"), "--device", "cpu"]) == 0
    info = soundfile.info(tmp_path / "out" / "0.wav")
    assert (info.samplerate, info.channels, info.frames) == (8000, 1, 2400)


def test_encode_names_a_bad_file_and_exits_with_1(
    music: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(model), str(music), "-o", str(tmp_path / "codes"), "--device", "cpu"]) == 1
    assert "broken.wav" in capsys.readouterr().err
    assert len(list((tmp_path / "codes").iterdir())) == 2


def test_encode_refuses_channels_until_the_policy_says_what_to_do(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (2400, 2))
    soundfile.write(tmp_path / "stereo.wav", noise, 8000)
    encode = ["encode", str(model), str(tmp_path / "stereo.wav"), "-o", str(tmp_path / "codes"), "--device", "cpu"]
    assert main(encode) == 1
    assert "set channel_policy to downmix or fold" in capsys.readouterr().err
    assert main([*encode, "--channel-policy", "fold"]) == 0
    codes = tmp_path / "codes" / "stereo.narrows"
    assert main(["decode", str(model), str(codes), "-o", str(tmp_path / "out"), "--device", "cpu"]) == 0
    info = soundfile.info(tmp_path / "out" / "stereo.wav")
    assert (info.channels, info.frames) == (2, 2400)


@pytest.mark.slow
def test_export_says_what_it_wrote(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "exported"
    assert main(["export", str(model), "--format", "torch", "-o", str(out), "--json"]) == 0
    encoder, decoder = json.loads(capsys.readouterr().out)
    assert (encoder["input"], encoder["output"], encoder["input_multiple"]) == ("audio", "tokens", 8)
    assert (decoder["input"], decoder["shapes"]) == ("tokens", 10)
    assert sorted(path.name for path in out.iterdir()) == ["decoder.pt2", "encoder.pt2"]
    assert main(["export", str(model), "--format", "torch", "-o", str(out)]) == 1
    assert "--overwrite replaces an earlier export" in capsys.readouterr().err
