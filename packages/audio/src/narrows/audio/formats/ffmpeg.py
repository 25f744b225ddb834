"""A decoder for what libsndfile does not read: M4A/AAC and other formats of FFmpeg, through the package `av`.

`av` is optional: `pip install "narrows-data[m4a]"`. Its wheels bring FFmpeg along, so no program needs to be installed.
FFmpeg drops the priming samples that the file declares (edit list of M4A), so decoded audio starts where the original
did.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from narrows.audio.formats.decoder import AudioInfo
from narrows.audio.formats.mp3 import tag_size

RUN_IN = 8192
"""Samples decoded before a crop: frames of AAC overlap, so the first after a seek is not right yet."""

try:
    av: Any = import_module("av")
except ImportError:
    av = None


class NotInstalled(Exception):
    """Stands in for FFmpeg's error where `av` is not installed."""


FFmpegError: type[Exception] = av.error.FFmpegError if av else NotInstalled


def available() -> bool:
    """Whether `av` is installed."""
    return av is not None


class FFmpegDecoder:
    """A file opened by FFmpeg.

    Raises:
        ValueError: it holds no audio, or cannot be decoded.
    """

    def __init__(self, file: str | os.PathLike[str] | IO[bytes]) -> None:
        source = file if hasattr(file, "read") else os.fsdecode(file)
        self._container: Any = av.open(source, metadata_errors="replace")
        if not self._container.streams.audio:
            self._container.close()
            raise ValueError("holds no audio")
        self._stream: Any = self._container.streams.audio[0]
        rate, layout = self._stream.codec_context.sample_rate, self._stream.codec_context.layout
        frames = _frames(self._container, self._stream, rate or 0)
        self.remark: str | None = None
        name = f"{self._container.format.name.split(',')[0].upper()}/{self._stream.codec_context.name.upper()}"
        self.info = AudioInfo(frames, rate or 0, layout.nb_channels, name)

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Frames from `start`, `(T, C)`; fewer at the end of the file."""
        parts: list[NDArray[np.float32]] = []
        found = 0
        for first, block in self._blocks(max(0, start - RUN_IN)):
            cut = block[max(0, start - first) : max(0, start + frames - first)]
            if len(cut):
                parts.append(cut)
                found += len(cut)
            if found >= frames or first + len(block) >= start + frames:
                break
        missing = frames - found
        if 0 < missing <= 2048 and start + frames == self.info.frames:
            # The declared length may end within the last codec frame; what the codec does not give is silence.
            parts.append(np.zeros((missing, self.info.channels), np.float32))
        return np.concatenate(parts) if parts else np.zeros((0, self.info.channels), np.float32)

    @property
    def open_ended(self) -> bool:
        """Whether the file ends where decoding ends: what FFmpeg says of its length is often an estimate."""
        return True

    def tags(self) -> dict[str, str]:
        """Tags inside the file."""
        return {key.lower(): value for key, value in self._container.metadata.items() if value}

    def close(self) -> None:
        """Release the file."""
        self._container.close()

    def _blocks(self, start: int) -> Any:
        """(first frame, samples) of each decoded frame from shortly before `start`."""
        rate, base = self.info.sample_rate, self._stream.time_base
        self._container.seek(int(start / rate / base), stream=self._stream, backward=True)
        converter = av.AudioResampler(format="fltp", rate=rate)
        for frame in self._container.decode(self._stream):
            first = round(float((frame.pts or 0) * frame.time_base) * rate)
            for converted in converter.resample(frame):
                block = converted.to_ndarray().T
                skipped = max(0, -first)
                yield first + skipped, block[skipped:]


def _frames(container: Any, stream: Any, rate: int) -> int:
    """Length in frames: of the stream, or else of the container (Matroska), which counts in microseconds.

    Bare AAC says nothing of its length, and FFmpeg guesses it from the size of the first frames: they are counted.
    """
    if container.format.name == "aac":
        ticks = sum(packet.duration or 0 for packet in container.demux(stream))
        return round(float(ticks * stream.time_base) * rate)
    if stream.duration is not None:
        return round(float(stream.duration * stream.time_base) * rate)
    return round(container.duration / 1_000_000 * rate) if container.duration else 0


SIGNATURES = (
    *(("AAC", 0, bytes([0xFF, second])) for second in (0xF0, 0xF1, 0xF8, 0xF9)),
    ("MPEG-4 audio (M4A)", 4, b"ftyp"),
    ("Matroska or WebM", 0, b"\x1a\x45\xdf\xa3"),
    ("Windows Media Audio", 0, b"\x30\x26\xb2\x75"),
    ("AC-3", 0, b"\x0b\x77"),
)
"""First bytes of formats that need FFmpeg: name, place, bytes.

Those of AAC (ADTS) have the layer 0, which no MP3 has.
"""


def recognise(file: IO[bytes]) -> str | None:
    """The format that needs FFmpeg, by the first bytes of a file behind its ID3v2 tag; None for others."""
    start = file.read(16)
    if start.startswith(b"ID3"):
        file.seek(tag_size(start))
        start = file.read(16)
    return next((name for name, place, mark in SIGNATURES if start[place : place + len(mark)] == mark), None)
