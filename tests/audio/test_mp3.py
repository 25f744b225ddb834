"""MP3 without a header, or with a wrong one: all of the sound is read, and what is missing is named."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from narrows.audio import audio_info, read_audio
from narrows.audio.files import open_audio, read_from
from narrows.audio.formats import mp3

RATE = 22050


def sound(seconds: float, channels: int = 1, rate: int = RATE) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    wave = 0.3 * np.sin(2 * np.pi * 330 * time) * (1 + np.sin(2 * np.pi * 0.7 * time)) / 2
    noise = 0.05 * np.random.default_rng(0).standard_normal((len(time), channels))
    return (wave[:, None] + noise).astype(np.float32)


def encoded(seconds: float = 3.0, mode: str = "VARIABLE", channels: int = 1, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    options = {"format": "MP3", "bitrate_mode": mode, "compression_level": 0.5}
    with soundfile.SoundFile(file, "w", rate, channels, **options) as out:
        out.write(sound(seconds, channels, rate))
    return file.getvalue()


def without_header(data: bytes) -> bytes:
    place, frame = mp3._first(data)
    return data[place + frame.size :]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE", "AVERAGE"])
@pytest.mark.parametrize(("rate", "channels"), [(22050, 1), (44100, 2)])
def test_a_file_without_a_header_gives_all_of_its_sound(tmp_path: Path, mode: str, rate: int, channels: int) -> None:
    whole = encoded(3.0, mode, channels, rate)
    path = written(tmp_path / "bare.mp3", without_header(whole))
    audio, _ = read_audio(path)
    original, _ = soundfile.read(io.BytesIO(whole), always_2d=True)
    assert audio_info(path).frames == audio.shape[1]
    assert len(original) <= audio.shape[1] < len(original) + 3 * 1152
    # The header told the encoder's delay; without it the sound begins later.
    place = min(range(1152), key=lambda i: float(np.abs(audio[0, i : i + 9000].numpy() - original[:9000, 0]).max()))
    np.testing.assert_allclose(audio[0, place : place + len(original) - 2000], original[:-2000, 0], atol=1e-5)


def test_a_right_header_is_left_as_it_is(tmp_path: Path) -> None:
    data = encoded()
    assert mp3.walk(io.BytesIO(data)) is None
    assert mp3.walk(io.BytesIO(data + b"TAG" + bytes(125))) is None, "a tag may follow"
    assert audio_info(written(tmp_path / "a.mp3", data)).frames == len(sound(3.0))


def test_joined_files_are_read_to_the_end(tmp_path: Path) -> None:
    data = encoded(2.0)
    one, both = read_audio(written(tmp_path / "1.mp3", data))[0], read_audio(written(tmp_path / "2.mp3", data * 2))[0]
    assert both.shape[1] >= 2 * one.shape[1]
    np.testing.assert_allclose(both[0, : one.shape[1] - 2000], one[0, :-2000], atol=1e-5)


def test_a_cut_file_is_used_with_a_remark(tmp_path: Path) -> None:
    data = encoded(4.0, "CONSTANT")
    path = written(tmp_path / "cut.mp3", data[: len(data) * 2 // 3])
    with open_audio(path) as decoder:
        assert decoder.remark is not None
        assert "cut off" in decoder.remark
        assert decoder.info.frames == pytest.approx(len(sound(4.0)) * 2 / 3, rel=0.03)
        audio, _ = read_from(decoder, path, 0, None, None, None)
    assert audio.shape[1] == decoder.info.frames


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("headed", [True, False])
def test_a_damaged_frame_costs_a_frame_not_the_file(tmp_path: Path, share: float, headed: bool) -> None:
    data = bytearray(encoded() if headed else without_header(encoded()))
    place = int(len(data) * share)
    data[place : place + 4] = b"\xff\xff\x00\x00"
    audio, _ = read_audio(written(tmp_path / "hurt.mp3", bytes(data)))
    assert audio.shape[1] > 0.95 * len(sound(3.0))


def test_other_channels_behind_the_first_are_left_out_and_named(tmp_path: Path) -> None:
    path = written(tmp_path / "two.mp3", encoded(2.0, channels=1) + encoded(2.0, channels=2))
    with open_audio(path) as decoder:
        assert "goes on with 2 channels after 1" in (decoder.remark or "")
        assert decoder.info.frames == pytest.approx(2 * RATE, abs=3 * 1152)
    assert read_audio(path)[0].shape[0] == 1


def test_another_rate_behind_the_first_is_left_out_and_named(tmp_path: Path) -> None:
    path = written(tmp_path / "two.mp3", encoded(2.0, rate=44100) + encoded(2.0, rate=48000))
    with open_audio(path) as decoder:
        assert "goes on at 48000 Hz after 44100 Hz" in (decoder.remark or "")


def test_tags_around_the_frames_do_not_count(tmp_path: Path) -> None:
    bare = without_header(encoded())
    tag = b"ID3\x04\x00\x00\x00\x00\x10\x00" + b"\xff\xfb\x90\x64" * 512
    plain = audio_info(written(tmp_path / "a.mp3", bare)).frames
    assert audio_info(written(tmp_path / "b.mp3", tag + bare + b"TAG" + bytes(125))).frames == plain


@given(st.binary(max_size=4000))
def test_any_bytes_are_walked_without_an_error(data: bytes) -> None:
    mp3.walk(io.BytesIO(data or b"x"))


@pytest.mark.parametrize(("rate", "seconds"), [(44100, 6.0), (16000, 12.0)])
def test_a_crop_anywhere_is_that_of_the_whole(tmp_path: Path, rate: int, seconds: float) -> None:
    path = written(tmp_path / "a.mp3", encoded(seconds, "VARIABLE", 1, rate))
    whole, _ = read_audio(path)
    for start in range(0, whole.shape[1] - 2000, whole.shape[1] // 23):
        crop, _ = read_audio(path, start, 2000)
        np.testing.assert_allclose(crop, whole[:, start : start + 2000], atol=1e-5)


def test_blocks_of_a_long_file_decode_each_frame_about_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decoded = 0
    read = soundfile.SoundFile.read

    def counted(self: soundfile.SoundFile, frames: int = -1, *args: object, **options: object) -> np.ndarray:
        nonlocal decoded
        out = read(self, frames, *args, **options)
        decoded += len(out)
        return out

    path = written(tmp_path / "long.mp3", encoded(20.0))
    whole, _ = read_audio(path, sample_rate=16000)
    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    sought: list[int] = []
    seek = soundfile.SoundFile.seek
    monkeypatch.setattr(
        soundfile.SoundFile,
        "seek",
        lambda file, frames, whence=0: ((whence == 1 or sought.append(frames)) and None) or seek(file, frames, whence),
    )
    with open_audio(path) as decoder, caplog.at_level(logging.WARNING):
        blocks = [read_from(decoder, path, start, 3000, 16000, 1)[0] for start in range(0, whole.shape[1], 3000)]
    joined = np.concatenate([block.numpy() for block in blocks], 1)
    assert joined.shape == whole.shape
    assert float(np.abs(joined - whole.numpy()).max()) < 1e-4
    assert decoded <= 1.02 * 20 * RATE
    assert not caplog.records
    assert not sought, "reading on needs no seek"
