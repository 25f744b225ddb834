from __future__ import annotations

import csv
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sounds import noise

from narrows.audio import AudioFileError, audio_info, read_audio, write_audio
from narrows.audio.files import open_audio, read_from
from narrows.audio.resampling import resample

FORMATS = [("wav", 44100), ("flac", 44100), ("aiff", 44100), ("ogg", 44100), ("opus", 48000), ("mp3", 44100)]


@pytest.mark.parametrize(("ending", "rate"), FORMATS)
def test_a_crop_equals_the_same_part_of_the_whole(tmp_path: Path, ending: str, rate: int) -> None:
    path = tmp_path / f"sound.{ending}"
    write_audio(path, torch.from_numpy(noise(3 * rate).T), rate)
    whole, given_rate = read_audio(path)
    assert given_rate == rate
    assert whole.shape == (2, audio_info(path).frames)
    for start in (0, 1, rate, whole.shape[1] - 500):
        crop, _ = read_audio(path, start, 1000)
        torch.testing.assert_close(crop, whole[:, start : start + 1000], atol=1e-4, rtol=0)


ENCODINGS = [
    (form, encoding)
    for form in ("WAV", "AIFF", "AU", "CAF", "W64", "RF64", "NIST", "VOC", "IRCAM", "AVR", "MAT5", "PVF", "HTK", "WVE")
    for encoding in soundfile.available_subtypes(form)
]


@pytest.mark.parametrize("in_memory", [False, True])
def test_every_encoding_gives_crops_in_any_order(tmp_path: Path, in_memory: bool) -> None:
    """In some, such as GSM and G.721, libsndfile does not seek, and says that the file is damaged."""
    samples = 0.3 * np.sin(np.arange(3000) / 9)
    written = 0
    for form, encoding in ENCODINGS:
        path = tmp_path / f"{form}.{encoding}"
        try:
            soundfile.write(path, samples, 8000, encoding, format=form)
        except soundfile.LibsndfileError:  # it is read only
            continue
        written += 1
        whole, _ = read_audio(path)
        with open_audio(path, path.read_bytes() if in_memory else None) as decoder:
            for start in (1000, 2500, 40, 41, 1700, 0, whole.shape[1] - 5):
                crop, _ = read_from(decoder, path, start, 300, None, None)
                assert torch.equal(crop, whole[:, start : start + 300]), (form, encoding, start)
    assert written > 60


@pytest.mark.parametrize("rates", [(44100, 48000), (48000, 44100), (8000, 44100), (96000, 16000), (44101, 48000)])
def test_a_resampled_crop_equals_the_resampled_whole(tmp_path: Path, rates: tuple[int, int]) -> None:
    source, target = rates
    path = tmp_path / "sound.wav"
    audio = noise(2 * source).astype(np.float32)
    soundfile.write(path, audio, source, "FLOAT")
    whole = torch.from_numpy(resample(audio, source, target).T)
    assert read_audio(path, sample_rate=target)[0].shape == whole.shape
    for start, frames in ((0, 3000), (777, 3000), (target, 4096), (whole.shape[1] - 1000, 1000)):
        crop, rate = read_audio(path, start, frames, target)
        assert rate == target
        error = (crop - whole[:, start : start + frames]).abs().max() / whole.abs().max()
        assert 20 * torch.log10(error + 1e-12) < -90


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 4000),
    st.integers(0, 5000),
    st.one_of(st.none(), st.integers(0, 5000)),
    st.sampled_from([8000, 11025, 44100]),
)
def test_reading_gives_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, length: int, start: int, frames: int | None, rate: int
) -> None:
    path = tmp_path_factory.mktemp("sound") / "sound.wav"
    soundfile.write(path, noise(length, 1), 11025)
    total = read_audio(path, sample_rate=rate)[0].shape[1]
    assert total == int(length * rate / 11025 + 0.5)
    crop, _ = read_audio(path, start, frames, rate)
    left = max(0, total - start)
    assert crop.shape == (1, left if frames is None else min(left, frames))


def test_aliases_stay_below_90_db() -> None:
    """A tone above the new Nyquist frequency must not come back."""
    time = np.arange(48000) / 48000
    tone = np.sin(2 * np.pi * 15000 * time).astype(np.float32)
    assert 20 * np.log10(np.abs(resample(tone, 48000, 24000)[1000:-1000]).max()) < -90


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [(1, 2, [0, 0]), (2, 1, None), (6, 2, [0, 1]), (1, 4, [0, 0, 0, 0]), (4, 3, [0, 1, 2])],
)
def test_channels(tmp_path: Path, given: int, wanted: int, expected: list[int] | None) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, noise(100, given), 8000)
    whole, _ = read_audio(path)
    audio, _ = read_audio(path, channels=wanted)
    torch.testing.assert_close(audio, whole[expected] if expected else whole.mean(0, keepdim=True))


def test_channels_are_not_invented(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", noise(100, 2), 8000)
    with pytest.raises(AudioFileError, match="2 channels cannot become 4"):
        read_audio(tmp_path / "sound.wav", channels=4)


def attempt(path: Path | str) -> tuple[torch.Tensor, AudioFileError | None]:
    try:
        return read_audio(path)[0], None
    except AudioFileError as error:
        return torch.zeros(0), error


def test_every_good_file_has_the_length_rate_and_channels_of_the_manifest(shared: Path) -> None:
    with (shared / "audio/manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        info = audio_info(shared / "audio" / row["path"])
        audio, rate = read_audio(shared / "audio" / row["path"])
        assert (info.sample_rate, info.format) == (int(row["sample_rate"]), row["format"])
        assert (rate, *audio.shape) == (info.sample_rate, int(row["channels"]), info.frames)
        assert info.seconds == pytest.approx(float(row["seconds"]), abs=1e-4)


def test_every_bad_file_gives_one_clear_line(shared: Path) -> None:
    """What must fail fails with one line that names the file; the rest loads with finite samples."""
    with (shared / "audio/broken/expected.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        path = shared / "audio/broken" / row["path"]
        expected = row["a_loader_should"]
        audio, error = attempt(path)
        if error is not None:
            assert expected != "load", path
            assert str(error).startswith(str(path))
            assert "\n" not in str(error)
            assert len(error.reason) > 10
        else:
            assert not expected.startswith("fail with a clear message:"), path
            assert expected != "fail with a clear message", path
            assert torch.isfinite(audio).all()


def test_a_folder_a_pipe_and_what_is_missing_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for name, reason in (("", "is a folder"), ("pipe.wav", "is not a regular file"), ("none.wav", "No such file")):
        with pytest.raises(AudioFileError, match=reason):
            read_audio(tmp_path / name)
    with pytest.raises(AudioFileError, match="embedded null"):
        read_audio(f"{tmp_path}/a\0b.wav")


def test_tricky_names_load_and_are_shown_on_one_line(shared: Path, tmp_path: Path) -> None:
    made = subprocess.run(["bash", shared / "audio/make_tricky.sh", "--pipe", tmp_path / "tricky"], capture_output=True)
    assert made.returncode == 0
    try:
        paths = [Path(folder) / name for folder, _, names in os.walk(tmp_path / "tricky") for name in names]
        results = [attempt(path) for path in paths if path.name.endswith(".wav")]
        assert sum(error is None for _, error in results) >= 10
        assert sum(error is not None for _, error in results) >= 4
        assert all(str(error).isprintable() for _, error in results if error)
    finally:
        subprocess.run(["bash", shared / "audio/make_tricky.sh", "--clean", tmp_path / "tricky"], check=True)


def test_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    audio = torch.from_numpy(noise(2000).T).float()
    for ending in ("wav", "flac", "ogg", "opus", "mp3", "aiff", "aif"):
        write_audio(tmp_path / f"deep/sound.{ending}", audio, 48000)
        assert read_audio(tmp_path / f"deep/sound.{ending}")[0].shape[0] == 2
    write_audio(tmp_path / "float.wav", audio * 3, 44100, "FLOAT")
    torch.testing.assert_close(read_audio(tmp_path / "float.wav")[0], audio * 3)
    with pytest.raises(AudioFileError, match=r"ending '\.xyz'"):
        write_audio(tmp_path / "sound.xyz", audio, 44100)
    with pytest.raises(AudioFileError, match="no sample rate of 44100 Hz"):
        write_audio(tmp_path / "sound.opus", audio, 44100)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["float.wav"]


def test_a_minute_of_vorbis_can_be_written(tmp_path: Path) -> None:
    """libsndfile crashes when it gets this in one call."""
    write_audio(tmp_path / "sound.ogg", torch.rand(2, 60 * 44100) - 0.5, 44100)
    assert audio_info(tmp_path / "sound.ogg").frames == 60 * 44100


def test_an_mp3_click_stays_in_its_place(tmp_path: Path) -> None:
    """Encoder delay and padding of LAME are taken off (libsndfile does, by the Xing/LAME header)."""
    click = torch.zeros(1, 44100)
    click[0, 20000] = 0.9
    write_audio(tmp_path / "click.mp3", click, 44100)
    audio, _ = read_audio(tmp_path / "click.mp3")
    assert audio.shape == click.shape
    assert abs(int(audio[0].abs().argmax()) - 20000) <= 1


def test_no_file_handle_leaks(shared: Path) -> None:
    good, bad = shared / "audio/drums/bd_808.flac", shared / "audio/broken/truncated.flac"
    read_audio(good)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(500):
        read_audio(good, 100, 100)
        with pytest.raises(AudioFileError):
            read_audio(bad)
        with pytest.raises(AudioFileError):
            read_audio(shared / "audio/broken/text_renamed.wav")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_vorbis_crops_within_the_last_page_are_right(tmp_path: Path) -> None:
    """libvorbisfile is off by what the end of the stream cuts away, unless decoding begins before that page."""
    path = tmp_path / "sound.ogg"
    write_audio(path, torch.from_numpy(noise(132300).T), 44100)
    whole, _ = read_audio(path)
    for start in range(120000, 132300, 1500):
        torch.testing.assert_close(read_audio(path, start, 200)[0], whole[:, start : start + 200], atol=1e-4, rtol=0)
