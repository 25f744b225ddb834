"""Writing: containers hold what is written into them, or are refused before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.audio import AudioFileError, read_audio, write_audio
from narrows.audio import writing as module
from narrows.audio.files import open_audio
from narrows.audio.writing import audio_writer, container_for


def test_wav_becomes_rf64_where_its_sizes_end() -> None:
    most = (2**32 - 2**16) // (2 * 2)
    assert container_for("a.wav", 44100, 2, most).format == "WAV"
    assert container_for("a.wav", 44100, 2, most + 1).format == "RF64"
    assert container_for("a.wav", 44100, 2, most // 2 + 1, "FLOAT").format == "RF64"


@pytest.mark.parametrize("ending", [".aiff", ".au"])
def test_other_containers_of_32_bits_refuse(ending: str) -> None:
    with pytest.raises(AudioFileError, match=r"cannot hold more than 4 GiB; write \.wav"):
        container_for(f"a{ending}", 44100, 2, 2**31)


@pytest.mark.parametrize("name", ["a.flac", "a.w64", "a.caf", "a.ogg"])
def test_large_containers_take_any_length(name: str) -> None:
    assert container_for(name, 44100, 2, 2**31).format != "WAV"


@pytest.mark.parametrize(
    ("name", "rate", "channels", "message"),
    [
        ("a.flac", 44100, 9, "up to 8 channels, these are 9"),
        ("a.mp3", 44100, 3, "up to 2 channels, these are 3"),
        ("a.mp3", 96000, 2, "no sample rate of 96000 Hz"),
        ("a.opus", 44100, 2, "no sample rate of 44100 Hz"),
        ("a.flac", 700000, 1, "up to 655350 Hz"),
        ("a.xyz", 44100, 1, "no audio format has the ending '.xyz'"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_by_name(
    tmp_path: Path, name: str, rate: int, channels: int, message: str
) -> None:
    with pytest.raises(AudioFileError, match=message) as caught:
        write_audio(tmp_path / name, torch.zeros(channels, 100), rate)
    assert str(tmp_path / name) in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_rf64_is_read_like_wav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GIB_4", 1 << 17)  # as if sizes ended at 128 KiB
    audio = torch.rand(2, 40_000) - 0.5
    write_audio(tmp_path / "long.wav", audio, 16000)
    assert soundfile.info(tmp_path / "long.wav").format == "RF64"
    back, rate = read_audio(tmp_path / "long.wav")
    assert (rate, back.shape) == (16000, audio.shape)
    torch.testing.assert_close(back, audio, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("audio", "words"),
    [
        (torch.zeros(4, 2, 100), r"shape \(4, 2, 100\) is no clip: write those of a batch one by one"),
        (torch.zeros(1, 1, 2, 100), "is no clip"),
        (torch.tensor(1.0), "is no clip"),
        (torch.ones(2, 100, dtype=torch.int16), "audio of int16 is no floats within ±1"),
        (torch.ones(2, 100, dtype=torch.complex64), "complex64"),
        (torch.zeros(500, 2), r"is transposed: give its \.T"),
        (torch.zeros(1, 500, 2), r"is transposed: give its \.T"),
    ],
)
def test_what_is_no_clip_is_not_written(tmp_path: Path, audio: torch.Tensor, words: str) -> None:
    with pytest.raises(AudioFileError, match=words):
        write_audio(tmp_path / "a.wav", audio, 16000)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64])
def test_one_clip_of_a_batch_is_a_clip(tmp_path: Path, kind: torch.dtype) -> None:
    write_audio(tmp_path / "a.wav", torch.full((1, 2, 100), 0.5, dtype=kind), 16000)
    assert read_audio(tmp_path / "a.wav")[0].shape == (2, 100)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg"])
def test_samples_that_are_not_finite_are_never_written(tmp_path: Path, name: str) -> None:
    audio = torch.zeros(1, 9000)
    audio[0, 5000] = float("nan")
    with pytest.raises(AudioFileError, match="not finite, the first at frame 5000"):
        write_audio(tmp_path / name, audio, 16000)
    assert not list(tmp_path.iterdir())


def test_an_error_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_audio(path, torch.zeros(1, 10), 8000)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="dtype"), audio_writer(path, 8000, 1, 100) as file:
        file.write("no samples")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@given(st.integers(1, 16), st.sampled_from([8000, 16000, 44100, 96000, 192000]), st.integers(1, 2**40))
def test_a_container_is_given_or_the_reason_is(channels: int, rate: int, frames: int) -> None:
    for ending in ("wav", "flac", "aiff", "caf", "w64", "ogg", "mp3", "au"):
        reason, format = "", "WAV"
        try:
            format = container_for(f"x.{ending}", rate, channels, frames).format
        except AudioFileError as error:
            reason = str(error)
        assert format in soundfile.available_formats()
        assert not reason or "write" in reason


def test_the_same_samples_give_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = torch.linspace(-1, 1, 100)[None]
    write_audio(tmp_path / "a.wav", audio, 8000, "FLOAT")
    content = (tmp_path / "a.wav").read_bytes()
    place = content.index(b"PEAK")
    assert content[place + 12 : place + 16] == bytes(4), "no time of writing"
    assert torch.equal(read_audio(tmp_path / "a.wav")[0], audio)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_seven_hours_are_read_to_the_last_sample(tmp_path: Path) -> None:
    """More than 4 GiB of real bytes, read by libsndfile and by the decoder that data sets use."""
    path, rate, frames = tmp_path / "long.wav", 44100, 7 * 3600 * 44100
    block = np.zeros((1 << 20, 2), np.int16)
    with audio_writer(path, rate, 2, frames) as file:
        for start in range(0, frames - 1, len(block)):
            file.write(block[: min(len(block), frames - 1 - start)])
        file.write(np.array([[0.5, -0.25]], np.float32))
    try:
        assert path.stat().st_size > 4 << 30
        info = soundfile.info(path)
        assert (info.format, info.frames) == ("RF64", frames)
        with open_audio(path) as decoder:
            assert decoder.info.frames == frames
            np.testing.assert_allclose(decoder.read(frames - 2, 5), [[0, 0], [0.5, -0.25]])
    finally:
        path.unlink()
