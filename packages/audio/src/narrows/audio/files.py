"""Reading and writing audio files.

libsndfile decodes WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and more, and seeks in all of them, so a crop costs what it is
long, not what the file is. Every failure is an `AudioFileError` with one line; nothing is allocated because a header
claims it.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.audio.channels import to_channels
from narrows.audio.errors import AudioFileError, system_reason
from narrows.audio.formats import ffmpeg
from narrows.audio.formats.decoder import AudioInfo, Decoder
from narrows.audio.formats.ogg import safe_limit
from narrows.audio.resampling import region, resample, resampled_length

PathLike = str | os.PathLike[str]

MIN_RATE, MAX_RATE = 1000, 6_000_000
"""Rates in Hz outside of which a header is not believed."""
MAX_CHANNELS = 64
MAX_PEAK = 1e4
"""Peak, relative to full scale, above which float samples are not believed to be audio."""
UNKNOWN_LENGTH = 1 << 62
"""libsndfile's count of frames is above this where the header leaves the length open."""
BLOCK = 1 << 18
"""Frames decoded at once: an upper bound on what a lying header can make us allocate."""


class SoundFileDecoder:
    """A file opened by libsndfile."""

    def __init__(self, file: Any) -> None:
        self._file = soundfile.SoundFile(file)
        name = f"{self._file.format}/{self._file.subtype}"
        frames = self._file.frames if self._file.frames < UNKNOWN_LENGTH else 0
        self.info = AudioInfo(frames, self._file.samplerate, self._file.channels, name)
        self._source = file

    def read(self, start: int, frames: int) -> NDArray[np.float32]:
        """Frames from `start`, `(T, C)`; fewer at the end of the file."""
        place = self._seekable(start)
        self._file.seek(place)
        if place < start:
            return self._read(frames + start - place)[start - place :]
        return self._read(frames)

    def _seekable(self, start: int) -> int:
        """Where to begin so that decoding is right at `start`."""
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

    def tags(self) -> dict[str, str]:
        """Tags inside the file."""
        return {name: value for name, value in self._file.copy_metadata().items() if value}

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def audio_info(path: PathLike) -> AudioInfo:
    """Length, rate, channels and format of a file, from its header.

    Raises:
        AudioFileError: it cannot be opened, is no audio, or its header is absurd.
    """
    with open_audio(path) as decoder:
        return decoder.info


def read_audio(
    path: PathLike,
    start: int = 0,
    frames: int | None = None,
    sample_rate: int | None = None,
    channels: int | None = None,
) -> tuple[Tensor, int]:
    """Read a file, or a crop of it without decoding the rest.

    Args:
        path: the file.
        start: first frame, counted at the rate that is returned.
        frames: frames wanted, at the rate that is returned; None reads to the end. Fewer come back at the end.
        sample_rate: rate wanted in Hz; None keeps the file's. A crop equals the same region of the whole file
            resampled, to better than -100 dB.
        channels: channels wanted (see `narrows.audio.channels`); None keeps the file's.

    Returns:
        Float32 audio `(C, T)`, and its rate in Hz.

    Raises:
        AudioFileError: the file cannot be read, or holds samples that are not finite or far out of range.
    """
    with open_audio(path) as decoder:
        return read_from(decoder, path, start, frames, sample_rate, channels)


def read_from(
    decoder: Decoder, path: PathLike, start: int, frames: int | None, sample_rate: int | None, channels: int | None
) -> tuple[Tensor, int]:
    """`read_audio` from an open file; `path` names it in errors."""
    info = decoder.info
    if start < 0 or (frames is not None and frames < 0):
        raise ValueError(f"start and frames count from 0, got {start} and {frames}")
    rate = sample_rate or info.sample_rate
    left = max(0, resampled_length(info.frames, info.sample_rate, rate) - start)
    wanted = left if frames is None else min(frames, left)
    if not wanted:
        return torch.zeros(channels or info.channels, 0), rate
    place = region(start, wanted, info.frames, info.sample_rate, rate)
    raw = decoder.read(place.start, place.frames)
    if len(raw) < place.frames:
        found = place.start + len(raw)
        raise AudioFileError(path, f"damaged: the header says {info.frames} frames, decoding ends after {found}")
    check_samples(path, raw)
    audio = resample(raw, info.sample_rate, rate)[place.skip : place.skip + wanted]
    tensor = torch.from_numpy(np.ascontiguousarray(audio.T))
    if channels is not None:
        try:
            tensor = to_channels(tensor, channels)
        except ValueError as error:
            raise AudioFileError(path, str(error)) from error
    return tensor, rate


@contextmanager
def open_audio(path: PathLike, data: bytes | None = None) -> Iterator[Decoder]:
    """Open a file for reading; closed when the block ends.

    Args:
        path: the file.
        data: its content, where it is in memory already; `path` then only names it in errors.
    """
    if data is None:
        _check_file(path)
    elif not data:
        raise AudioFileError(path, "is empty (0 bytes)")
    decoder = _decoder(path, data)
    try:
        _check_header(path, decoder.info)
        yield decoder
    except (soundfile.SoundFileError, ffmpeg.FFmpegError) as error:
        raise AudioFileError(path, f"damaged: {_reason(error)}") from error
    finally:
        decoder.close()


def _decoder(path: PathLike, data: bytes | None) -> Decoder:
    """libsndfile, or for formats it does not know FFmpeg."""
    # libsndfile takes bytes, which also carry names that are no valid text; Windows wants text.
    name = os.fspath(path) if os.name == "nt" else os.fsencode(path)
    try:
        return SoundFileDecoder(name if data is None else io.BytesIO(data))
    except (soundfile.SoundFileError, OSError, ValueError, RuntimeError) as error:
        if Path(path).suffix.lower() not in ffmpeg.ENDINGS:
            raise AudioFileError(path, _reason(error)) from error
        if not ffmpeg.available():
            reason = 'needs the optional decoder: pip install "narrows-data[m4a]"'
            raise AudioFileError(path, reason) from error
    try:
        return ffmpeg.FFmpegDecoder(path if data is None else io.BytesIO(data))
    except (ffmpeg.FFmpegError, ValueError) as error:
        raise AudioFileError(path, _reason(error)) from error


def read_tags(path: PathLike) -> dict[str, str]:
    """Tags inside a file: title, artist, album, genre, date and what else libsndfile knows; empty ones are left out."""
    with open_audio(path) as decoder:
        return decoder.tags()


def write_audio(path: PathLike, audio: Tensor, sample_rate: int, subtype: str | None = None) -> None:
    """Write a file that appears whole or not at all; the ending selects the format.

    Args:
        path: the file, ending in .wav, .flac, .ogg, .opus, .mp3, .aiff or another ending libsndfile knows.
        audio: `(C, T)` or `(T,)`; what lies outside of ±1 is clipped, except in float files.
        sample_rate: rate in Hz.
        subtype: encoding in libsndfile's names, e.g. `PCM_24` or `FLOAT`; None takes the format's usual one.

    Raises:
        AudioFileError: the format is unknown, or does not take this rate or number of channels.
    """
    target = Path(path)
    ending = target.suffix[1:].upper()
    if ending == "OPUS":
        ending, subtype = "OGG", subtype or "OPUS"
    ending = {"AIF": "AIFF", "OGA": "OGG"}.get(ending, ending)
    if ending not in soundfile.available_formats():
        raise AudioFileError(path, f"no audio format has the ending {target.suffix!r}; write .wav or .flac")
    samples = audio.detach().to("cpu").float().reshape(-1, audio.shape[-1]).T.numpy()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name[:200]}.{os.getpid()}.tmp")
    try:
        _encode(temporary, samples, sample_rate, ending, subtype)
        temporary.replace(target)
    except (soundfile.SoundFileError, ValueError) as error:
        raise AudioFileError(path, f"cannot be written: {_reason(error)}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _encode(path: Path, samples: NDArray[np.float32], rate: int, ending: str, subtype: str | None) -> None:
    channels = samples.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, subtype, format=ending) as file:
        # In blocks: libsndfile crashes on Vorbis data of a minute written in one call.
        for start in range(0, len(samples), 4096):
            file.write(samples[start : start + 4096])


def _check_file(path: PathLike) -> None:
    """Refuse what is no regular file; opening a named pipe would wait for ever."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise AudioFileError(path, reason) from error
    if stat.S_ISDIR(status.st_mode):
        raise AudioFileError(path, "is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise AudioFileError(path, "is not a regular file")
    if status.st_size == 0:
        raise AudioFileError(path, "is empty (0 bytes)")
    if not os.access(path, os.R_OK):
        raise AudioFileError(path, "Permission denied")


def _check_header(path: PathLike, info: AudioInfo) -> None:
    limits: list[tuple[bool, str]] = [
        (MIN_RATE <= info.sample_rate <= MAX_RATE, f"the header says {info.sample_rate} Hz"),
        (1 <= info.channels <= MAX_CHANNELS, f"the header says {info.channels} channels"),
        (info.frames > 0, "holds no samples, or its header does not say how many"),
    ]
    for fine, reason in limits:
        if not fine:
            raise AudioFileError(path, reason)


def check_samples(path: PathLike, samples: NDArray[np.float32]) -> None:
    """Refuse samples that are no audio.

    Raises:
        AudioFileError: some are not finite, or far out of range.
    """
    if samples.size == 0:
        return
    peak = max(float(samples.max()), -float(samples.min()))
    if not np.isfinite(peak):
        bad = int(np.count_nonzero(~np.isfinite(samples)))
        raise AudioFileError(path, f"holds samples that are not finite ({bad} of {samples.size} read)")
    if peak > MAX_PEAK:
        raise AudioFileError(path, f"is far out of range: peak {peak:.3g}, full scale is 1")


CLEARER = {
    "Invalid data found when processing input": "is damaged, or not a format that can be read",
    "File does not exist or is not a regular file (possibly a pipe?)": "is not a format that can be read",
    "Format not recognised": "is not a format that can be read",
    "File contains data in an unimplemented format": "is damaged, or in an encoding that cannot be read",
    "Internal error : SF_INFO struct incomplete": "the header is damaged: absurd rate, channels or sample width",
    "Error : flac decoder lost sync": "FLAC data cannot be decoded",
    "Error : unknown error in flac decoder": "FLAC data cannot be decoded",
}
"""libsndfile's messages that mislead (the first is what it says of an MP3 without a frame) or say too little."""


def _reason(error: Exception) -> str:
    """libsndfile's message without the path in front of it, on one line, in clearer words where there are some."""
    text = " ".join(
        str(getattr(error, "error_string", None) or getattr(error, "strerror", None) or error).split()
    ).rstrip(".")
    return CLEARER.get(text, text) or type(error).__name__
