"""Files with other channels than the model's: what the policy in the model folder says is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from support.chunkable_models import OOBLECK, pair

from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.codec import ChannelError, read_codec_file
from narrows.pipelines.codec_files import decode_file, encode_file
from narrows.pipelines.evaluation import evaluate

RATE = 44100


def model_of(channels: int, **options: Any) -> Any:
    torch.manual_seed(0)
    coder = {**OOBLECK}
    document = pair("oobleck", {"in_channels": channels, **coder}, {"out_channels": channels, **coder}, 30, **options)
    document["io_channels"] = channels
    return create_model_from_config({"model_type": "autoencoder", "sample_rate": RATE, "model": document}).eval()


def write_noise(path: Path, channels: int, length: int = 4001) -> np.ndarray:
    noise = np.random.default_rng(channels).uniform(-0.5, 0.5, (length, channels)).astype("float32")
    soundfile.write(path, noise, RATE, subtype="FLOAT")
    return noise


def coded(model: Any, path: Path, folder: Path, **options: Any) -> np.ndarray:
    encode_file(model, path, folder / "clip.narrows", chunk_size=20, **options)
    decode_file(model, folder / "clip.narrows", folder / "out.wav", chunk_size=20, subtype="FLOAT")
    return soundfile.read(folder / "out.wav", dtype="float32", always_2d=True)[0]


@pytest.mark.parametrize("bottleneck", [None, {"type": "fsq", "config": {"levels": [5] * 8}}], ids=["latents", "fsq"])
@pytest.mark.parametrize(("channels", "own"), [(2, 1), (3, 1), (3, 2)])
def test_folded_channels_are_coded_like_files_of_their_own(
    bottleneck: Any, channels: int, own: int, tmp_path: Path
) -> None:
    model = model_of(own, bottleneck=bottleneck, channel_policy="fold")
    noise = write_noise(tmp_path / "in.wav", channels)
    out = coded(model, tmp_path / "in.wav", tmp_path)
    assert out.shape == noise.shape
    groups = -(-channels // own)
    for group in range(groups):
        part = noise[:, group * own : (group + 1) * own]
        part = np.concatenate([part, part[:, -1:]], 1) if part.shape[1] < own else part
        soundfile.write(tmp_path / "part.wav", part, RATE, subtype="FLOAT")
        alone = coded(model, tmp_path / "part.wav", tmp_path)[:, : channels - group * own]
        np.testing.assert_allclose(out[:, group * own : (group + 1) * own], alone, atol=1e-5)
    header = encode_file(model, tmp_path / "in.wav", tmp_path / "clip.narrows")
    assert header.shape == (groups, 1 if bottleneck else 8)
    assert read_codec_file(tmp_path / "clip.narrows").data.shape == (header.frames, *header.shape)


def test_the_policy_is_kept_in_the_model_folder(tmp_path: Path) -> None:
    save_model(model_of(1, channel_policy="fold"), tmp_path / "model")
    assert load_model(tmp_path / "model").channel_policy == "fold"
    assert model_of(1).channel_policy == "duplicate"


def test_more_channels_are_refused_unless_the_policy_says_what_to_do(tmp_path: Path) -> None:
    noise = write_noise(tmp_path / "in.wav", 2)
    model = model_of(1)
    with pytest.raises(ChannelError, match=r"2 channels of audio for a model of 1 channel.*downmix or fold"):
        coded(model, tmp_path / "in.wav", tmp_path)
    assert not (tmp_path / "clip.narrows").exists()
    mixed = coded(model, tmp_path / "in.wav", tmp_path, channel_policy="downmix")
    assert mixed.shape == noise.shape
    np.testing.assert_array_equal(mixed[:, 0], mixed[:, 1])


def test_mono_is_repeated_and_given_back(tmp_path: Path) -> None:
    write_noise(tmp_path / "in.wav", 1)
    assert coded(model_of(2), tmp_path / "in.wav", tmp_path).shape == (4001, 1)
    with pytest.raises(ChannelError, match="set channel_policy to duplicate"):
        coded(model_of(2, channel_policy="error"), tmp_path / "in.wav", tmp_path)


def test_evaluation_follows_the_policy(tmp_path: Path) -> None:
    write_noise(tmp_path / "stereo.wav", 2, 20000)
    files = {"stereo.wav": tmp_path / "stereo.wav"}
    fsq = {"type": "fsq", "config": {"levels": [5] * 8}}
    folded = evaluate({"mono": model_of(1, bottleneck=fsq, channel_policy="fold")}, files, worst=1)
    assert folded.skipped == {}
    (heard,) = folded.heard
    assert heard.original.shape[0] == 2
    assert "set channel_policy" in evaluate({"mono": model_of(1)}, files).skipped["stereo.wav"]
