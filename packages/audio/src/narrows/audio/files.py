"""Reading audio files.

libsndfile decodes WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and more, and seeks in all of them. A crop costs what it is
long, not what the file is; only in MP3 the frame headers before it are read too. Every failure is an `AudioFileError`
with one line; nothing is allocated because a header claims it.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.audio.arrays import MAX_CHANNELS
from narrows.audio.channels import to_channels
from narrows.audio.errors import AudioFileError, system_reason
from narrows.audio.formats import ffmpeg
from narrows.audio.formats.decoder import AudioInfo, Decoder
from narrows.audio.formats.endings import FFMPEG_ENDINGS
from narrows.audio.formats.messages import name_once
from narrows.audio.formats.sound_file import SoundFileDecoder
from narrows.audio.resampling import region, resample, resampled_length

PathLike = str | os.PathLike[str]

MIN_RATE, MAX_RATE = 1000, 6_000_000
"""Rates in Hz outside of which a header is not believed."""
MAX_PEAK = 1e4
"""Peak, relative to full scale, above which float samples are not believed to be audio."""


def audio_info(path: PathLike) -> AudioInfo:
    """Length, rate, channels and format of a file.

    They come from its header, but for MP3 whose header does not agree with the file: there the frames are counted.

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
        raw = short_end(decoder, path, place.start, raw)
    check_samples(path, raw)
    audio = resample(raw, info.sample_rate, rate)[place.skip : place.skip + wanted]
    tensor = torch.from_numpy(np.ascontiguousarray(audio.T))
    if channels is not None:
        try:
            tensor = to_channels(tensor, channels)
        except ValueError as error:
            raise AudioFileError(path, str(error)) from error
    return tensor, rate


def short_end(decoder: Decoder, path: PathLike, start: int, raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """What was decoded, where less is there than the header says; a stream ends where decoding ends.

    Raises:
        AudioFileError: the format is none that may end anywhere, or nothing is there at all.
    """
    found = start + len(raw)
    text = f"the header says {decoder.info.frames} frames, decoding ends after {found}"
    if not decoder.open_ended or not found:
        raise AudioFileError(path, f"damaged: {text}")
    if decoder.remark is None:
        decoder.remark = text
        name_once(path, text)
    return raw


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
    """libsndfile, or FFmpeg for formats that it does not know: by content, or else by ending."""
    # libsndfile takes bytes, which also carry names that are no valid text; Windows wants text.
    name = os.fspath(path) if os.name == "nt" else os.fsencode(path)
    kind = _needs_ffmpeg(path, data)
    reason: Exception | None = None
    if kind is None:  # asked first: the MP3 decoder finds frames in anything, in AAC too
        try:
            return SoundFileDecoder(name if data is None else io.BytesIO(data), path)
        except (soundfile.SoundFileError, OSError, ValueError, RuntimeError) as error:
            if Path(path).suffix.lower()[1:] not in FFMPEG_ENDINGS:
                raise AudioFileError(path, _reason(error)) from error
            reason = error
    if not ffmpeg.available():
        said = f"is {kind}, which " if kind else ""
        raise AudioFileError(path, f'{said}needs the optional decoder: pip install "narrows-data[m4a]"') from reason
    try:
        return ffmpeg.FFmpegDecoder(path if data is None else io.BytesIO(data))
    except (ffmpeg.FFmpegError, ValueError) as error:
        raise AudioFileError(path, _reason(error)) from error


def _needs_ffmpeg(path: PathLike, data: bytes | None) -> str | None:
    """The format that libsndfile does not read, by the first bytes; None for others."""
    try:
        with Path(path).open("rb") if data is None else io.BytesIO(data) as file:
            return ffmpeg.recognise(file)
    except OSError as error:
        raise AudioFileError(path, system_reason(error)) from error


def read_tags(path: PathLike) -> dict[str, str]:
    """Tags inside a file: title, artist, album, genre, date and what else libsndfile knows; empty ones are left out."""
    with open_audio(path) as decoder:
        return decoder.tags()


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
