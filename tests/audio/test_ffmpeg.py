"""M4A through the optional decoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from narrows.audio import AudioFileError, audio_info, read_audio
from narrows.audio.files import open_audio
from narrows.audio.formats import ffmpeg

av = pytest.importorskip("av")
RATE, PRIMING = 44100, 1024


@pytest.fixture
def m4a(tmp_path: Path) -> Path:
    """Two clicks over a tone; the edit list declares the encoder's priming, as LAME's header does for MP3."""
    audio = np.tile(0.1 * np.sin(np.arange(3 * RATE) * 0.05), (2, 1)).astype(np.float32)
    audio[:, [10000, 100000]] = 0.9
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(audio, format="fltp", layout="stereo")
        frame.sample_rate = RATE
        fifo = av.AudioFifo()
        fifo.write(frame)
        while (part := fifo.read(1024, True)) is not None:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    data = bytearray(path.read_bytes())
    place = data.find(b"elst")
    data[place + 12 : place + 20] = (3000).to_bytes(4, "big") + PRIMING.to_bytes(4, "big")
    path.write_bytes(data)
    return path


def test_priming_that_the_file_declares_is_taken_off(m4a: Path) -> None:
    audio, rate = read_audio(m4a)
    assert (rate, audio.shape) == (RATE, (2, 3 * RATE))
    for click in (10000, 100000):
        assert abs(int(audio[0, click - 500 : click + 500].argmax()) - 500) <= 1


def test_crops_equal_the_whole(m4a: Path) -> None:
    whole, _ = read_audio(m4a)
    for start in (0, 1, 50000, 3 * RATE - 100):
        crop, _ = read_audio(m4a, start, 4096)
        torch.testing.assert_close(crop, whole[:, start : start + 4096], atol=1e-5, rtol=0)


def test_damaged_files_are_refused(m4a: Path) -> None:
    data = m4a.read_bytes()
    for content in (data[: len(data) // 3], b"no sound" * 100):
        m4a.write_bytes(content)
        with pytest.raises(AudioFileError, match="is damaged, or not a format"):
            audio_info(m4a)


def test_without_the_decoder_the_error_says_how_to_get_it(m4a: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "av", None)
    with pytest.raises(AudioFileError, match=r'pip install "narrows-data\[m4a\]"'):
        read_audio(m4a)


@pytest.mark.parametrize("ending", ["aac", "mp3", "wav"])
@pytest.mark.parametrize("tag", [b"", b"ID3\4\0\0\0\0\1\2" + bytes(130)])
def test_aac_is_known_by_its_content(m4a: Path, ending: str, tag: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = m4a.with_suffix(f".{ending}")
    with av.open(str(m4a)) as source, av.open(str(path), "w", format="adts") as target:
        copied = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux():
            if packet.size:
                packet.stream = copied
                target.mux(packet)
    path.write_bytes(tag + path.read_bytes())
    for data in (None, path.read_bytes()):
        with open_audio(path, data) as decoder:
            assert decoder.info.format == "AAC/AAC"
    assert read_audio(path)[0].abs().max() > 0.5
    monkeypatch.setattr(ffmpeg, "av", None)
    with pytest.raises(AudioFileError, match="is AAC, which needs the optional decoder"):
        read_audio(path)


def test_the_frames_of_aac_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its header says nothing of the length, and FFmpeg's guess leaves the quiet end out."""
    path = tmp_path / "sound.aac"
    audio = np.zeros((1, 20 * RATE), np.float32)
    audio[:, : 4 * RATE] = np.random.default_rng(0).normal(0, 0.2, 4 * RATE)
    audio[:, -RATE:] = 0.2 * np.sin(np.arange(RATE) * 0.05)
    with av.open(str(path), "w", format="adts") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        for start in range(0, audio.shape[1], 1024):
            frame = av.AudioFrame.from_ndarray(audio[:, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found, _ = read_audio(path)
    assert abs(found.shape[-1] - audio.shape[1]) <= 2 * 1024
    assert found[0, -RATE // 2 :].abs().max() > 0.1
    assert not caplog.text
    start = found.shape[-1] - RATE // 2  # the tone: AAC makes noise up anew
    torch.testing.assert_close(read_audio(path, start, 4096)[0], found[:, start : start + 4096], atol=1e-3, rtol=0)
