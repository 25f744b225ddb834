"""Whatever FFmpeg's containers say of time and length, a crop is that of the whole file, at the place of the original.

Matroska and WebM state times in milliseconds, of priming too; recorders write them without a length.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.audio import audio_info, read_audio
from narrows.audio.files import open_audio
from narrows.audio.formats import ffmpeg

av = pytest.importorskip("av")
SECONDS = 6
LIVE = {"live": "1"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
KINDS = {
    "webm": ("libopus", "webm", 48000, {}),
    "webm of a recorder": ("libopus", "webm", 48000, LIVE),
    "mka of a recorder": ("libopus", "matroska", 48000, LIVE),
    "mka: FLAC": ("flac", "matroska", 44100, {}),
    "mka: PCM": ("pcm_s16le", "matroska", 48000, {}),
    "mka: AAC": ("aac", "matroska", 44100, {}),
    "mka of a recorder: AAC": ("aac", "matroska", 44100, LIVE),
    "mka: FLAC at 22050 Hz": ("flac", "matroska", 22050, {}),
    "fragments of MP4": ("aac", "mp4", 44100, FRAGMENTS),
    "bare AAC": ("aac", "adts", 44100, {}),
    "AC-3": ("ac3", "ac3", 48000, {}),
}
CLOSE = 5e-3
"""Opus takes a while to decode behind a seek what it decodes from the start."""
MOST_PRIMING = 1536
"""Samples that files without a word of their priming are late by."""


def sweep(rate: int) -> np.ndarray:
    """Stereo, of which no two stretches are alike."""
    time = np.arange(SECONDS * rate) / rate
    return np.tile(0.3 * np.sin(2 * np.pi * (200 * time + 150 * time**2)), (2, 1)).astype(np.float32)


@pytest.fixture(params=KINDS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, np.ndarray]:
    codec, form, rate, options = KINDS[request.param]
    audio = sweep(rate)
    path = tmp_path / "sound.mka"  # the content decides
    with av.open(str(path), "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        frame = av.AudioFrame.from_ndarray(audio, format="fltp", layout="stereo")
        frame.sample_rate = rate
        converter = av.AudioResampler(format=stream.codec_context.format.name, layout="stereo", rate=rate)
        fifo = av.AudioFifo()
        for part in converter.resample(frame):
            fifo.write(part)
        while (part := fifo.read(stream.codec_context.frame_size or 1024, True)) is not None:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path, audio.T


def test_the_whole_is_there_and_in_place(written: tuple[Path, np.ndarray]) -> None:
    path, audio = written
    info = audio_info(path)
    assert 0 <= info.frames - len(audio) <= 2 * MOST_PRIMING
    whole = read_audio(path)[0].numpy().T
    assert len(whole) == info.frames
    late = 0 if "MATROSKA" in info.format else MOST_PRIMING
    shifts = range(-late - 8, late + 9)
    middle = len(audio) // 2
    errors = [np.abs(whole[middle + n : middle + n + 2000] - audio[middle : middle + 2000]).max() for n in shifts]
    assert min(errors) < 0.05
    assert abs(shifts[int(np.argmin(errors))]) <= late


def test_crops_and_blocks_equal_the_whole(written: tuple[Path, np.ndarray]) -> None:
    path, _ = written
    whole = read_audio(path)[0].numpy().T
    for start in (0, 1, 700, 30011, 99999, len(whole) - 5000):
        crop = read_audio(path, start, 4096)[0].numpy().T
        np.testing.assert_allclose(crop, whole[start : start + 4096], atol=CLOSE)
    with open_audio(path) as decoder:
        blocks = [decoder.read(start, 3000) for start in range(0, len(whole) - 3000, 3000)]
        joined = np.concatenate(blocks)
        np.testing.assert_array_equal(joined, whole[: len(joined)])
        # Back, a little further on, far ahead, and the end again.
        for start in (5000, 5000, 9000, 60000, 200, len(whole) - 4000, len(whole) - 3500):
            np.testing.assert_allclose(decoder.read(start, 2000), whole[start : start + 2000], atol=CLOSE)


def test_blocks_decode_every_sample_once(written: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    path, audio = written
    decoded = 0
    blocks = ffmpeg.FFmpegDecoder._blocks

    def counted(self, start):
        nonlocal decoded
        for first, block in blocks(self, start):
            decoded += len(block)
            yield first, block

    monkeypatch.setattr(ffmpeg.FFmpegDecoder, "_blocks", counted)
    with open_audio(path) as decoder:
        for start in range(0, len(audio), 1000):
            decoder.read(start, 1000)
    assert decoded <= len(audio) + 2 * MOST_PRIMING
