"""Signs that a file was cut off, which decoders pass over: they hand out what is there."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import BinaryIO

OGG_LAST_PAGE = 65_307
"""Bytes: the largest page of an Ogg stream."""


def damage(path: str | Path, data: bytes | None = None) -> str | None:
    """What is wrong with a file that decodes all the same, or None.

    WAV files whose header claims more data than there is, and Ogg streams without their end.

    Args:
        path: the file.
        data: its content, where it is in memory already.
    """
    try:
        with Path(path).open("rb") if data is None else io.BytesIO(data) as file:
            start = file.read(12)
            if start[:4] == b"RIFF" and start[8:] == b"WAVE":
                return _wav(file)
            if start[:4] == b"OggS":
                return _ogg(file)
    except OSError:
        return None
    return None


def _wav(file: BinaryIO) -> str | None:
    end = file.seek(0, 2)
    place = 12
    while place + 8 <= end:
        file.seek(place)
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"data":
            there = end - place - 8
            if size <= there:
                return None
            return f"cut off: the header claims {size} bytes of samples, {there} are there"
        place += 8 + size + size % 2
    return None


def _ogg(file: BinaryIO) -> str | None:
    """The last page of a stream has its end flag set (RFC 3533)."""
    end = file.seek(0, 2)
    file.seek(max(0, end - OGG_LAST_PAGE))
    tail = file.read()
    page = tail.rfind(b"OggS")
    if page < 0 or page + 27 > len(tail):
        return "cut off: the last page of the Ogg stream is missing"
    return None if tail[page + 5] & 4 else "perhaps cut off: the Ogg stream has no end mark"
