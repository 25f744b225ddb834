"""Where the last page of an Ogg stream begins: within it, seeking goes wrong.

libvorbisfile counts positions within the last page back from its end, and so is off by the samples that the stream's
end cuts away. Seeking to an earlier page and decoding from there is right.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

TAIL = 1 << 17
"""Bytes: two pages of the largest size."""
RUN_IN = 1 << 14
"""Samples before the last page from which decoding begins: two of Vorbis's longest blocks, and some."""


def safe_limit(file: BinaryIO, frames: int) -> int:
    """First frame that must not be sought, for a stream of so many frames; what lies before is sought rightly.

    The file's position is moved.
    """
    end = file.seek(0, 2)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    ends = list(_page_ends(tail))
    if len(ends) < 2 or not 0 <= ends[-2] <= frames:
        return 0 if end <= TAIL else max(0, frames - 10 * RUN_IN)
    return max(0, ends[-2] - RUN_IN)


def _page_ends(data: bytes) -> list[int]:
    """Position in samples at the end of each page that ends a packet (RFC 3533)."""
    found = []
    place = data.find(b"OggS")
    while 0 <= place <= len(data) - 14:
        position = struct.unpack_from("<q", data, place + 6)[0]
        if data[place + 4] == 0 and position >= 0:
            found.append(position)
        place = data.find(b"OggS", place + 4)
    return found
