"""Audio files to codec files and back: exact length, no shift, whatever the size of the blocks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.chunkable_models import MODELS, build, oobleck, pair

from narrows.audio import writing
from narrows.configs import NarrowsError
from narrows.models import create_model_from_config
from narrows.models.codec import CodecFileError, read_codec_file
from narrows.pipelines.codec_files import decode_file, decoder_shortfall, encode_file

RATE = 44100


def write_noise(path: Path, length: int, channels: int = 2, rate: int = RATE) -> Path:
    noise = np.random.default_rng(length).uniform(-0.5, 0.5, (length, channels)).astype("float32")
    soundfile.write(path, noise, rate, subtype="FLOAT")
    return path


def with_bottleneck(kind: str, encoder_channels: int = 8, **options: Any) -> Any:
    torch.manual_seed(0)
    document = oobleck()
    document["encoder"]["config"] = {**document["encoder"]["config"], "latent_dim": encoder_channels}
    document["bottleneck"] = {"type": kind, "config": options} if options else {"type": kind}
    return create_model_from_config({"model_type": "autoencoder", "sample_rate": RATE, "model": document}).eval()


@pytest.mark.parametrize("name", MODELS)
def test_every_type_gives_the_length_back(name: str, tmp_path: Path) -> None:
    model = build(name)
    for length in (max(n, model.shortest) for n in (1, 29, 997)):
        source = write_noise(tmp_path / "in.wav", length)
        header = encode_file(model, source, tmp_path / "clip.nrw", chunk_size=7)
        decode_file(model, tmp_path / "clip.nrw", tmp_path / "out.wav", chunk_size=5)
        sound, rate = soundfile.read(tmp_path / "out.wav")
        assert (len(sound), rate) == (length, RATE)
        assert header.samples == length


def test_a_wav_beyond_its_sizes_is_decoded_to_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven hours of stereo, with sizes that end earlier."""
    source = write_noise(tmp_path / "in.wav", 9000)
    encode_file(dac(), source, tmp_path / "clip.nrw")
    decode_file(dac(), tmp_path / "clip.nrw", tmp_path / "short.wav")
    monkeypatch.setattr(writing, "GIB_4", (1 << 16) + 20_000)
    decode_file(dac(), tmp_path / "clip.nrw", tmp_path / "long.wav")
    info = soundfile.info(tmp_path / "long.wav")
    assert (info.format, info.frames) == ("RF64", 9000)
    assert np.array_equal(*(soundfile.read(tmp_path / name)[0] for name in ("short.wav", "long.wav")))
    with pytest.raises(NarrowsError, match="cannot hold more than 4 GiB"):
        decode_file(dac(), tmp_path / "clip.nrw", tmp_path / "long.aiff")
    assert not (tmp_path / "long.aiff").exists()


@cache
def dac() -> Any:
    return build("dac")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(length=st.integers(1, 3000), channels=st.integers(1, 2), rate=st.sampled_from([8000, 44100, 48000]))
def test_any_file_gets_its_length_back(length: int, channels: int, rate: int, tmp_path: Path) -> None:
    source = write_noise(tmp_path / "in.wav", length, channels, rate)
    model = dac()
    encode_file(model, source, tmp_path / "clip.nrw")
    decode_file(model, tmp_path / "clip.nrw", tmp_path / "out.wav")
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.frames, info.channels, info.samplerate) == (length, channels, rate)


@pytest.mark.slow
@pytest.mark.parametrize("count", [30, pytest.param(200, marks=pytest.mark.long)])
def test_many_lengths_come_back(tmp_path: Path, count: int) -> None:
    """Need 20 of the users: every length, with strides that are odd and a decoder that loses samples."""
    lengths = np.random.default_rng(0).integers(1, 1500, count)
    for length in map(int, lengths):
        encode_file(dac(), write_noise(tmp_path / "in.wav", length), tmp_path / "clip.nrw")
        decode_file(dac(), tmp_path / "clip.nrw", tmp_path / "out.wav")
        assert soundfile.info(tmp_path / "out.wav").frames == length


def test_what_odd_strides_lose_is_made_up_for() -> None:
    """DAC's strides 2, 3, 5 lose 1 sample each at 3 and 5, that is 1 * 2 + 1 * 6 samples of 30 a frame."""
    assert decoder_shortfall(build("dac")) > 0
    assert decoder_shortfall(build("dac_exact_length")) == 0


@pytest.mark.parametrize("name", ["oobleck", "dac", "seanet", "wavelet", "pqmf", "patched"])
def test_nothing_is_shifted(name: str) -> None:
    """An input sample influences outputs on both sides of its place alike, to within a frame."""
    model = build(name).double()
    length, place = 3000, 1500
    audio = torch.zeros(1, 2, length, dtype=torch.float64)
    changed = audio.clone()
    changed[..., place] = 1e-3
    with torch.inference_mode():
        difference = (model(changed) - model(audio)).abs().amax((0, 1))
    touched = difference.nonzero().flatten()
    centre = (touched[0] + touched[-1]) / 2
    if name != "seanet":  # its LSTM remembers
        assert abs(float(centre) - place) <= model.downsampling_ratio


@pytest.mark.parametrize(
    ("model", "content", "shape"),
    [
        (with_bottleneck("vae", 16), "latents", (8,)),
        (with_bottleneck("fsq", levels=[5] * 8), "tokens", (1,)),
        (with_bottleneck("rvq", dim=8, num_quantizers=4, codebook_size=1000), "tokens", (4,)),
    ],
    ids=["vae", "fsq", "rvq"],
)
def test_blocks_change_nothing(model: Any, content: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    source = write_noise(tmp_path / "in.wav", 3001)
    files = []
    for chunk in (3, 512):
        header = encode_file(model, source, tmp_path / f"{chunk}.nrw", chunk_size=chunk, seed=5)
        assert (header.content, header.shape) == (content, shape)
        files.append(read_codec_file(tmp_path / f"{chunk}.nrw").data)
    torch.testing.assert_close(*files, atol=1e-5, rtol=1e-5)
    sounds = []
    for chunk in (3, 512):
        decode_file(model, tmp_path / "512.nrw", tmp_path / "out.wav", chunk_size=chunk, subtype="FLOAT")
        sounds.append(soundfile.read(tmp_path / "out.wav")[0])
    assert np.abs(sounds[0] - sounds[1]).max() < 1e-5 * np.abs(sounds[0]).max()


def test_tokens_are_those_of_the_model(tmp_path: Path) -> None:
    model = with_bottleneck("rvq", dim=8, num_quantizers=4, codebook_size=1000)
    # Short enough that the file needs no further frame for what odd strides lose.
    source = write_noise(tmp_path / "in.wav", 2990)
    encode_file(model, source, tmp_path / "clip.nrw")
    sound, _ = soundfile.read(source, dtype="float32")
    with torch.inference_mode():
        _, info = model.encode_audio(torch.from_numpy(sound.T)[None], return_info=True)
    tokens = read_codec_file(tmp_path / "clip.nrw").data
    assert torch.equal(tokens.T, model.bottleneck.tokens(info)[0])


def test_another_model_is_refused(tmp_path: Path) -> None:
    encode_file(build("oobleck"), write_noise(tmp_path / "in.wav", 100), tmp_path / "clip.nrw")
    with pytest.raises(CodecFileError, match="was made by the model"):
        decode_file(build("dac"), tmp_path / "clip.nrw", tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_models_with_global_attention_take_the_file_whole_or_an_overlap(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shared = {"channels": 16, "c_mults": [1], "strides": [30], "transformer_depths": [1], "latent_dim": 8}
    shared |= {"sliding_window": None}
    document = pair("taae", {"in_channels": 2, **shared}, {"out_channels": 2, **shared}, 30)
    model = create_model_from_config({"model_type": "autoencoder", "sample_rate": RATE, "model": document}).eval()
    source = write_noise(tmp_path / "in.wav", 997)
    encode_file(model, source, tmp_path / "whole.nrw", chunk_size=4)
    sound, _ = soundfile.read(source, dtype="float32")
    with torch.inference_mode():
        whole = model.encode_audio(torch.from_numpy(sound.T)[None])[0]
    torch.testing.assert_close(read_codec_file(tmp_path / "whole.nrw").data.T, whole, atol=1e-5, rtol=1e-5)
    encode_file(model, source, tmp_path / "overlap.nrw", chunk_size=4, overlap=6)
    assert read_codec_file(tmp_path / "overlap.nrw").data.shape == whole.T.shape


@pytest.mark.parametrize("content", ["tokens", "latents"])
def test_a_model_that_gives_nan_writes_nothing(content: Any, tmp_path: Path) -> None:
    model = with_bottleneck("rvq", num_quantizers=2, codebook_size=16, dim=8)
    with torch.no_grad():
        next(model.encoder.parameters()).fill_(float("nan"))
    source = write_noise(tmp_path / "in.wav", 900)
    with pytest.raises(NarrowsError, match="not finite"):
        encode_file(model, source, tmp_path / "clip.nrw", content=content)
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]
