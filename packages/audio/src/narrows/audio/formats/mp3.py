"""How long an MP3 is: its frames are counted, where the header's word cannot be relied on.

The first frame of a file may be a header (Xing, Info or VBRI) that says how many follow. Old encoders, streams and
podcasts write none, editors join and cut files without mending it; decoders then estimate the length from the first
bitrate, which is wrong by any factor for variable ones. Here frame headers are walked, which reads the file once but
decodes nothing, and decoders are given a header with the true count.

Source: ISO/IEC 11172-3 and 13818-3 (frames); the LAME project's "MP3 Info Tag revision 1" (headers).
"""

from __future__ import annotations

import io
import mmap
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, NamedTuple

BITRATES = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s of layer III by MPEG version (2 stands for 2 and 2.5)."""
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Hz by the version bits of a frame header: MPEG 1, 2 and 2.5."""
FARTHEST_SYNC = 1 << 16
"""Bytes that are searched for the first frame behind the tags."""


class Frame(NamedTuple):
    """A frame header."""

    size: int
    """Bytes, header included."""
    samples: int
    sample_rate: int
    channels: int
    side_info: int
    """Bytes between the header and the main data, in which an Xing header begins."""


class Count(NamedTuple):
    """What a header frame says."""

    frames: int
    size: int
    """Bytes of all frames, its own included; 0 where it does not say."""
    place: int
    """Of the count of frames, in bytes from the start of the header frame; -1 where it cannot be mended."""
    size_place: int | None
    """Of the size, likewise."""
    lame: int | None
    """Of the encoder delay and padding (3 bytes), likewise; None without a LAME tag."""


@dataclass(frozen=True)
class Layout:
    """What a walk over an MP3 found."""

    start: int
    """Where the frames begin, in bytes."""
    frames: int
    """Frames of sound."""
    header: bytes
    """A header frame with the true count, to be read instead of the first `start` bytes."""
    remark: str | None
    """What is wrong with the file; None when nothing is."""


def walk(file: BinaryIO) -> Layout | None:
    """Count the frames of a file, unless its header's count agrees with the file's length.

    Args:
        file: opened for reading; its position is moved.

    Returns:
        None where a decoder can be trusted: the header is right, or this is no layer III with known frame sizes.
    """
    data = _content(file)
    first = _first(data)
    if first is None:
        return None
    place, frame = first
    count = _count(data, place, frame)
    if count is not None and _agrees(data, place, count):
        return None
    start = place if count is None else place + frame.size
    frames, remark = _counted(data, start, frame)
    if count is not None and frames == count.frames and remark is None:
        return None
    if count is not None and frames < count.frames:
        remark = remark or f"cut off: the header claims {count.frames} frames of MP3, {frames} are there"
    return Layout(start, frames, _header(data, place, frame, count, frames), remark)


class Mended(io.RawIOBase):
    """An MP3 whose header tells the true length: a header frame, then the frames of the file.

    Args:
        file: the MP3; it is closed with this one.
        layout: of it.
    """

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file, self._header, self._start = file, layout.header, layout.start
        self._size = len(layout.header) + file.seek(0, 2) - layout.start
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a position."""
        base = {0: 0, 1: self._place, 2: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        """The position."""
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what fits the buffer, or less."""
        if self._place < len(self._header):
            part = self._header[self._place : self._place + len(buffer)]
        else:
            self._file.seek(self._start + self._place - len(self._header))
            part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()


def _content(file: BinaryIO) -> bytes | mmap.mmap:
    if isinstance(file, io.BytesIO):
        return file.getvalue()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@lru_cache(maxsize=4096)
def _frame(word: int) -> Frame | None:
    """The frame header in four bytes; None when they are none of layer III with a known size."""
    version, layer = word >> 19 & 3, word >> 17 & 3
    bitrate, rate, padding = word >> 12 & 15, word >> 10 & 3, word >> 9 & 1
    if word >> 21 != 0x7FF or version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return None
    first = version == 3
    samples, sample_rate = 1152 if first else 576, RATES[version][rate]
    kbit = BITRATES[1 if first else 2][bitrate]
    mono = word >> 6 & 3 == 3
    side_info = (17 if mono else 32) if first else (9 if mono else 17)
    return Frame(samples * kbit * 125 // sample_rate + padding, samples, sample_rate, 1 if mono else 2, side_info)


def _frame_at(data: bytes | mmap.mmap, place: int) -> Frame | None:
    return _frame(int.from_bytes(data[place : place + 4], "big")) if place + 4 <= len(data) else None


def tag_size(header: bytes) -> int:
    """Bytes of an ID3v2 tag that begins with these ten, its header and footer included."""
    size = 0
    for byte in header[6:10]:
        size = size << 7 | byte & 127
    return 10 + size + (10 if len(header) > 5 and header[5] & 16 else 0)


def _first(data: bytes | mmap.mmap) -> tuple[int, Frame] | None:
    """The first frame that another one like it follows, behind ID3v2 tags."""
    place = 0
    while data[place : place + 3] == b"ID3" and place + 10 <= len(data):
        place += tag_size(data[place : place + 10])
    last = place + FARTHEST_SYNC
    while 0 <= place < min(last, len(data)):
        frame = _frame_at(data, place)
        if frame is not None and _followed(data, place, frame):
            return place, frame
        place = data.find(b"\xff", place + 1)
    return None


def _alike(a: Frame, b: Frame) -> bool:
    return a.samples == b.samples and a.sample_rate == b.sample_rate


def _count(data: bytes | mmap.mmap, place: int, frame: Frame) -> Count | None:
    """What a header frame at a place says; None when the frame is sound."""
    xing = 4 + frame.side_info
    body = data[place : place + frame.size]
    if body[xing : xing + 4] in (b"Xing", b"Info"):
        flags = struct.unpack_from(">I", body, xing + 4)[0]
        if not flags & 1:
            return Count(0, 0, -1, None, None)
        size = struct.unpack_from(">I", body, xing + 12)[0] if flags & 2 else 0
        tag = xing + 12 + 4 * bool(flags & 2) + 100 * bool(flags & 4) + 4 * bool(flags & 8)
        lame = tag + 21 if body[tag : tag + 4] in (b"LAME", b"Lavc", b"Lavf") and tag + 24 <= len(body) else None
        frames = struct.unpack_from(">I", body, xing + 8)[0]
        return Count(frames, size, xing + 8, xing + 12 if flags & 2 else None, lame)
    if body[36:40] == b"VBRI" and len(body) >= 54:
        size, frames = struct.unpack_from(">II", body, 46)
        return Count(frames, size, -1, None, None)
    return None


def _agrees(data: bytes | mmap.mmap, place: int, count: Count) -> bool:
    """Whether the file ends where the header says that the frames do; tags may follow."""
    end = place + count.size
    return count.frames > 0 and count.size > 0 and end <= len(data) and _frame_at(data, end) is None


def _counted(data: bytes | mmap.mmap, place: int, like: Frame) -> tuple[int, str | None]:
    """How many frames follow from a place on, and what is wrong with them."""
    frames, lost, end = 0, 0, len(data)
    while place + 4 <= end:
        frame = _frame_at(data, place)
        if frame is not None and _alike(frame, like):
            if frame.channels != like.channels:
                return frames, f"goes on with {frame.channels} channels after {like.channels}: the rest is left out"
            if place + frame.size > end:
                return frames, f"cut off: the last of {frames + 1} frames of MP3 is not whole"
            # The header of a file that was joined to the first is a frame of silence, as decoders see it.
            frames, place = frames + 1, place + frame.size
            continue
        if frame is not None and _followed(data, place, frame):
            return frames, f"goes on at {frame.sample_rate} Hz after {like.sample_rate} Hz: the rest is left out"
        following = _resync(data, place, like)
        if following is None:
            break
        lost, place = lost + following - place, following
    return frames, f"damaged: {lost} bytes are no frames of MP3" if lost else None


def _followed(data: bytes | mmap.mmap, place: int, frame: Frame) -> bool:
    """Whether another frame like it follows a frame."""
    after = _frame_at(data, place + frame.size)
    return after is not None and _alike(after, frame)


def _ends_or_goes_on(data: bytes | mmap.mmap, place: int, frame: Frame) -> bool:
    return place + frame.size == len(data) or _followed(data, place, frame)


def _resync(data: bytes | mmap.mmap, place: int, like: Frame) -> int | None:
    """The next place where two frames follow each other; None when the rest holds none, as tags do."""
    place = data.find(b"\xff", place + 1)
    while place >= 0:
        frame = _frame_at(data, place)
        if frame is not None and _alike(frame, like) and _ends_or_goes_on(data, place, frame):
            return place
        place = data.find(b"\xff", place + 1)
    return None


def _header(data: bytes | mmap.mmap, place: int, frame: Frame, count: Count | None, frames: int) -> bytes:
    """A header frame with the true count: the file's own, mended, or a new one."""
    if count is not None and count.place >= 0:
        mended = bytearray(data[place : place + frame.size])
        struct.pack_into(">I", mended, count.place, frames)
        if count.size_place is not None:
            struct.pack_into(">I", mended, count.size_place, min(len(data) - place, 0xFFFFFFFF))
        if count.lame is not None:
            # The encoder's delay stays; its padding was at an end that is no longer this one's.
            mended[count.lame + 1] &= 0xF0
            mended[count.lame + 2] = 0
        return bytes(mended)
    word = int.from_bytes(data[place : place + 4], "big")
    word = word & ~(15 << 12 | 1 << 9) | 9 << 12 | 1 << 16  # 80 kbit/s or more, no padding, no checksum
    made = _frame(word)
    assert made is not None
    body = bytearray(made.size)
    struct.pack_into(">I", body, 0, word)
    struct.pack_into(">4sII", body, 4 + made.side_info, b"Info", 1, frames)
    return bytes(body)
