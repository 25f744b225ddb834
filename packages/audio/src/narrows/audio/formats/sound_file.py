"""Files that libsndfile decodes: WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3, CAF and more."""

from __future__ import annotations

import io
import os
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import IO

import numpy as np
import soundfile
from numpy.typing import NDArray

from narrows.audio.formats import mp3
from narrows.audio.formats.decoder import AudioInfo
from narrows.audio.formats.messages import heard, name_once
from narrows.audio.formats.ogg import safe_limit

UNKNOWN_LENGTH = 1 << 62
"""libsndfile's count of frames is above this where the header leaves the length open."""
BLOCK = 1 << 18
"""Frames decoded at once: an upper bound on what a lying header can make us allocate."""
MEMORY = 1 << 16
"""Frames kept of what was decoded last, so that reading on with some overlap does not seek."""
MP3_RUN_IN = 1 << 14
"""Samples decoded before a crop of MP3: a frame may borrow bits from many before it (511 bytes in MPEG 1, 255 in
MPEG 2, a dozen frames at low bitrates), and libsndfile's decoder goes back by four frames only."""
OPEN_ENDED = {"MP3", "OGG"}
"""Formats that are streams of packets: they end where decoding ends, whatever their header says."""
FROM_THE_START = ("GSM610", "G72", "NMS_ADPCM", "DWVW", "VOX_ADPCM")
"""How encodings are called in which libsndfile does not seek: a frame is reached by decoding those before it."""


class _Reader(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read without moving about.

    soundfile seeks before and after every read of a file that can seek. In MP3 each seek forgets the bits that frames
    borrow from earlier ones, so that what follows is wrong; in Ogg it searches anew.
    """

    def seekable(self) -> bool:
        """Not to soundfile; `seek` works all the same."""
        return False


class SoundFileDecoder:
    """A file opened by libsndfile.

    Reading on from where the last read ended, or from a little before, decodes each frame once.

    Args:
        source: the path as text or bytes, or the content.
        name: to call it in messages.
    """

    def __init__(self, source: str | bytes | io.BytesIO, name: str | os.PathLike[str]) -> None:
        self._source, self._name = source, name
        self._said: list[str] = []
        self.remark: str | None = None
        with _listening(os.fsdecode(name).lower().endswith(".mp3")) as said:
            self._file = _Reader(source)
        if self._file.format == "MP3":
            with heard() as then:
                mended = self._count_frames()
            said = then if mended else said
        self._counted = self.remark is not None
        self._note(said)
        frames = self._file.frames if self._file.frames < UNKNOWN_LENGTH else 0
        kind = f"{self._file.format}/{self._file.subtype}"
        self.info = AudioInfo(frames, self._file.samplerate, self._file.channels, kind)
        self._place = 0
        self._last = np.zeros((0, self.info.channels), np.float32)

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Frames from `start`, `(T, C)`; fewer at the end of the file."""
        remembered = self._place - len(self._last)
        if remembered <= start <= self._place:
            known = self._last[start - remembered : start - remembered + frames]
            fresh = self._on(frames - len(known))
            return np.concatenate([known, fresh]) if len(fresh) and len(known) else (fresh if len(fresh) else known)
        self._move(start)
        # What a decoder says of frames that borrow from earlier ones, which it has not seen, is no fault of the file.
        while self._place < start and len(self._on(min(start - self._place, BLOCK), note=False)):
            pass
        return self._on(frames) if self._place == start else self._last[:0]

    def _move(self, start: int) -> None:
        """Go to a frame, or to where decoding must begin so that it is right there."""
        if not self._file.subtype.startswith(FROM_THE_START):
            self._place = self._seekable(start)
            self._file.seek(self._place)
        elif start < self._place:
            self._file.close()
            if isinstance(self._source, io.BytesIO):
                self._source.seek(0)
            self._file, self._place = _Reader(self._source), 0
        else:
            return
        self._last = self._last[:0]

    @property
    def open_ended(self) -> bool:
        """Whether the file ends where decoding ends."""
        return self._file.format in OPEN_ENDED

    def tags(self) -> dict[str, str]:
        """Tags inside the file."""
        return {name: value for name, value in self._file.copy_metadata().items() if value}

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _count_frames(self) -> bool:
        """Open an MP3 again with a header that tells its true length, where its own does not; whether that was so."""
        if isinstance(self._source, io.BytesIO):
            layout = mp3.walk(self._source)
            file: IO[bytes] = io.BytesIO(self._source.getvalue())
        else:
            status = os.stat(self._source)  # noqa: PTH116  the name may be bytes
            layout = _layout(self._source, status.st_size, status.st_mtime_ns)
            if layout is None:
                return False
            file = open(self._source, "rb")  # noqa: PTH123, SIM115  the name may be bytes; closed with the decoder
        if layout is not None:
            self._file.close()
            self._file = _Reader(io.BufferedReader(mp3.Mended(file, layout), 1 << 16))  # type: ignore[arg-type]
            self.remark = layout.remark
            return True
        if isinstance(self._source, io.BytesIO):
            self._source.seek(0)
            self._file = _Reader(self._source)
        return False

    def _on(self, frames: int, note: bool = True) -> NDArray[np.float32]:
        """The next frames; `note` what the decoder says of them."""
        if frames <= 0:
            return self._last[:0]
        with _listening(self._file.format == "MP3") as said:
            found = self._read(frames)
        if note:
            self._note(said)
        self._place += len(found)
        self._last = np.concatenate([self._last, found])[-MEMORY:] if len(found) < MEMORY else found[-MEMORY:].copy()
        return found

    def _note(self, said: list[str]) -> None:
        """Make what the decoder said one remark, named once for the file."""
        if not said:
            return
        self._said += said
        if self._counted:
            return  # what is wrong with the frames is known better
        more = f" (and {len(self._said) - 1} more messages)" if len(self._said) > 1 else ""
        self.remark = f"its decoder says: {self._said[0]}{more}"
        name_once(self._name, self.remark)

    def _seekable(self, start: int) -> int:
        """Where to begin so that decoding is right at `start`."""
        if self._file.format == "MP3":
            return max(0, start - MP3_RUN_IN)
        if self._file.subtype != "VORBIS" or start == 0:
            return start
        if isinstance(self._source, io.BytesIO):
            position = self._source.tell()
            limit = safe_limit(self._source, self.info.frames)
            self._source.seek(position)
        else:
            with open(self._source, "rb") as file:  # noqa: PTH123  the name may be bytes
                limit = safe_limit(file, self.info.frames)
        return min(start, limit)

    def _read(self, frames: int) -> NDArray[np.float32]:
        if frames <= BLOCK:
            return self._block(frames)
        blocks, left = [], frames
        while left > 0:
            block = self._block(min(left, BLOCK))
            blocks.append(block)
            left -= len(block)
            if len(block) == 0:
                break
        return np.concatenate(blocks)

    def _block(self, frames: int) -> NDArray[np.float32]:
        try:
            block: NDArray[np.float32] = self._file.read(frames, dtype="float32", always_2d=True)
        except ValueError as error:
            # What soundfile makes of a decoder that finds itself behind the end.
            raise soundfile.SoundFileRuntimeError("its parts do not fit together") from error
        return block


def _listening(is_mp3: bool) -> AbstractContextManager[list[str]]:
    """Only mpg123 has something to say, and files of other formats need not wait for each other."""
    return heard() if is_mp3 else nullcontext([])


@lru_cache(maxsize=4096)
def _layout(path: str | bytes, size: int, modified: int) -> mp3.Layout | None:
    """The walk over an MP3, once for a file as it is."""
    with open(path, "rb") as file:  # noqa: PTH123  the name may be bytes
        return mp3.walk(file)
