"""A decoder for what libsndfile does not read: M4A/AAC and other formats of FFmpeg, through the package `av`.

`av` is optional: `pip install "narrows-data[m4a]"`. Its wheels bring FFmpeg along, so no program needs to be installed.
FFmpeg drops the priming samples that the file declares (edit list of M4A), so decoded audio starts where the original
did.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.audio.formats.decoder import AudioInfo
from narrows.audio.formats.mp3 import tag_size

RUN_IN = 8192
"""Samples decoded before a crop: frames of AAC overlap, so the first after a seek is not right yet."""

Block = tuple[int, NDArray[np.float32]]
"""The place of its first frame, and samples `(T, C)`."""

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
        self._opening = Opening.of(self._container, self._stream)
        frames = _frames(self._container, self._stream, rate or 0) - (self._opening.origin if self._opening else 0)
        self.remark: str | None = None
        name = f"{self._container.format.name.split(',')[0].upper()}/{self._stream.codec_context.name.upper()}"
        self.info = AudioInfo(frames, rate or 0, layout.nb_channels, name)
        self._coming: Iterator[Block] | None = None
        self._last: Block = 0, np.zeros((0, self.info.channels), np.float32)

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Frames from `start`, `(T, C)`; fewer at the end of the file."""
        parts: list[NDArray[np.float32]] = []
        found = 0
        for first, block in self._from(start):
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

    def _from(self, start: int) -> Iterator[Block]:
        """Blocks from shortly before `start`: those that come next anyway, where that is near, or else after a seek."""
        first, block = self._last
        if self._coming is None or not first <= start <= first + len(block) + RUN_IN:
            self._coming = self._blocks(max(0, start - RUN_IN))
        else:
            yield self._last
        for coming in self._coming:
            self._last = coming
            yield coming

    def _blocks(self, start: int) -> Iterator[Block]:
        """(first frame, samples) of each decoded frame from shortly before `start`."""
        rate, base = self.info.sample_rate, self._stream.time_base
        if self._opening is not None:
            # What is primed away lies before the beginning.
            start = start + self._opening.origin if start else -rate
        self._container.seek(int(start / rate / base), stream=self._stream, backward=True)
        converter = av.AudioResampler(format="fltp", rate=rate)
        after = None
        for frame in self._container.decode(self._stream):
            first = round(float((frame.pts or 0) * frame.time_base) * rate)
            for converted in converter.resample(frame):
                block = converted.to_ndarray().T
                first = self._opening.exact(first, after, base * rate) if self._opening else first
                skipped = max(0, -first)
                yield first + skipped, block[skipped:]
                first = after = first + len(block)


class Opening(NamedTuple):
    """The beginning of a stream whose container states times in coarse steps, as Matroska does in milliseconds."""

    origin: int
    """Stated place of the first sample."""
    first: int
    """Samples of the first block, from which priming may have been taken off."""
    length: int
    """Samples of the others; 0 where there are none."""

    @classmethod
    def of(cls, container: Any, stream: Any) -> Opening | None:
        """Of a stream that was just opened; None where places are stated to the sample."""
        rate = stream.codec_context.sample_rate or 0
        if stream.time_base * rate <= 1:
            return None
        frames = list(islice(container.decode(stream), 2))
        if not frames:
            return None
        origin = round(float((frames[0].pts or 0) * frames[0].time_base) * rate)
        return cls(origin, frames[0].samples, frames[1].samples if len(frames) > 1 else 0)

    def exact(self, stated: int, after: int | None, step: float) -> int:
        """Where a block begins, counted from the first sample.

        Args:
            stated: by the file.
            after: end of the block before; None behind a seek, where it follows if all blocks are as long.
            step: in which the file counts, in samples.
        """
        stated -= self.origin
        if after is None and self.length:
            after = self.first + round((stated - self.first) / self.length) * self.length
        return stated if after is None or abs(after - stated) > step else after


def _frames(container: Any, stream: Any, rate: int) -> int:
    """Length in frames: of the stream, or else of the container (Matroska), which counts in microseconds.

    Bare AAC says nothing of its length, and FFmpeg guesses it from the size of the first frames: they are counted. So
    are those of what was recorded as it came (browsers write WebM so), which has no length.
    """
    if container.format.name == "aac":
        ticks = sum(packet.duration or 0 for packet in container.demux(stream))
        return round(float(ticks * stream.time_base) * rate)
    if stream.duration is None and not container.duration:
        ends = (packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts is not None)
        return round(float(max(ends, default=0) * stream.time_base) * rate)
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
