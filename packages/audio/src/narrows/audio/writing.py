"""Writing audio files, in containers that can hold them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray
from torch import Tensor

from narrows.audio.arrays import MAX_CHANNELS
from narrows.audio.errors import AudioFileError
from narrows.configs.files import atomic_file

PathLike = str | os.PathLike[str]

GIB_4 = 1 << 32
HEADER = 1 << 16
"""Bytes kept free for headers and chunks beside the samples."""
BYTES = {"PCM_S8": 1, "PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8, "ULAW": 1, "ALAW": 1}
"""Of a sample, by libsndfile's names of encodings."""
SIZES_IN_32_BIT = {"WAV", "WAVEX", "AIFF", "AU"}
MPEG_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000})
OPUS_RATES = frozenset({8000, 12000, 16000, 24000, 48000})


class Container(NamedTuple):
    """A format as libsndfile takes it."""

    format: str
    subtype: str | None


def container_for(
    path: PathLike, sample_rate: int, channels: int, frames: int, subtype: str | None = None
) -> Container:
    """The container that an ending stands for, which is sure to hold the audio.

    WAV counts bytes in 32 bits; above 4 GiB it becomes RF64 (EBU Tech 3306), which is read like WAV.

    Args:
        path: its ending selects the format.
        sample_rate: in Hz.
        channels: of the audio.
        frames: samples a channel.
        subtype: encoding in libsndfile's names, e.g. `PCM_24`; None takes the format's usual one.

    Raises:
        AudioFileError: the format is unknown or cannot hold the audio; the message says what can.
    """
    suffix = Path(path).suffix
    ending = suffix[1:].upper()
    if ending == "OPUS":
        ending, subtype = "OGG", subtype or "OPUS"
    ending = {"AIF": "AIFF", "AIFC": "AIFF", "OGA": "OGG", "WAVE": "WAV"}.get(ending, ending)
    if ending not in soundfile.available_formats():
        raise AudioFileError(path, f"no audio format has the ending {suffix!r}; write .wav or .flac")
    subtype = subtype or soundfile.default_subtype(ending)
    if not soundfile.check_format(ending, subtype):
        raise AudioFileError(path, f"{ending} has no encoding {subtype}; leave it out, or write .wav")
    reason = _too_much(ending, subtype, sample_rate, channels)
    if reason is not None:
        raise AudioFileError(path, reason)
    if ending in SIZES_IN_32_BIT and frames * channels * BYTES.get(subtype, 1) > GIB_4 - HEADER:
        if ending not in ("WAV", "WAVEX"):
            raise AudioFileError(path, f"{ending} cannot hold more than 4 GiB; write .wav (RF64), .w64 or .flac")
        return Container("RF64", subtype)
    return Container(ending, subtype)


@contextmanager
def audio_writer(
    path: PathLike, sample_rate: int, channels: int, frames: int, subtype: str | None = None
) -> Iterator[soundfile.SoundFile]:
    """An open file to which blocks `(T, C)` can be written; it appears whole or not at all.

    Args:
        path: the file; its ending selects the format.
        sample_rate: in Hz.
        channels: of the audio.
        frames: samples a channel that will be written.
        subtype: as for `container_for`.

    Raises:
        AudioFileError: as for `container_for`, or libsndfile refuses.
        OutputError: a full disk, or a place that cannot be written.
    """
    container = container_for(path, sample_rate, channels, frames, subtype)
    try:
        with atomic_file(Path(path)) as temporary:
            file = soundfile.SoundFile(temporary, "w", sample_rate, channels, container.subtype, None, container.format)
            with file:
                yield file
            if container.subtype in ("FLOAT", "DOUBLE"):
                _without_time(temporary)
    except (soundfile.SoundFileError, AssertionError) as error:
        raise AudioFileError(path, f"cannot be written: {_cause(error)}") from error


def write_audio(path: PathLike, audio: Tensor, sample_rate: int, subtype: str | None = None) -> None:
    """Write a file that appears whole or not at all; the ending selects the format.

    Args:
        path: the file, ending in .wav, .flac, .ogg, .opus, .mp3, .aiff or another ending that libsndfile knows.
        audio: floats `(C, T)`, `(T,)` or `(1, C, T)`; what lies outside of ±1 is clipped, except in float files.
        sample_rate: rate in Hz.
        subtype: encoding in libsndfile's names, e.g. `PCM_24` or `FLOAT`; None takes the format's usual one.

    Raises:
        AudioFileError: the format is unknown, does not take this rate, length or number of channels, or the samples
            are not finite, no floats, or several clips.
    """
    if audio.dim() == 3 and len(audio) == 1:
        audio = audio[0]
    if audio.dim() not in (1, 2):
        raise AudioFileError(path, f"audio of shape {tuple(audio.shape)} is no clip: write those of a batch one by one")
    if not audio.is_floating_point():
        kind = str(audio.dtype).removeprefix("torch.")
        raise AudioFileError(path, f"audio of {kind} is no floats within ±1: of 16 bit integers, give audio / 32768")
    if audio.dim() == 2 and len(audio) > max(audio.shape[-1], MAX_CHANNELS):
        raise AudioFileError(
            path, f"audio of shape {tuple(audio.shape)} is transposed: give its .T, (channels, samples)"
        )
    samples = audio.detach().to("cpu").float().reshape(-1, audio.shape[-1]).T.numpy()
    with audio_writer(path, sample_rate, samples.shape[1], len(samples), subtype) as file:
        # In blocks: libsndfile crashes on Vorbis data of a minute written in one call.
        for start in range(0, len(samples), 4096):
            file.write(finite(path, samples[start : start + 4096], start))


def finite(path: PathLike, samples: NDArray[np.float32], start: int = 0) -> NDArray[np.float32]:
    """Samples `(T, C)` that may be written.

    Args:
        path: of the file, for the message.
        samples: the samples.
        start: frame of the first one, for the message.

    Raises:
        AudioFileError: some are not finite; a file of them would be full-scale noise or nothing.
    """
    if samples.size and not np.isfinite(samples).all():
        first = start + int(np.flatnonzero(~np.isfinite(samples).all(axis=-1))[0])
        raise AudioFileError(path, f"would hold samples that are not finite, the first at frame {first}")
    return samples


def _without_time(path: Path) -> None:
    """Take the time of writing out of the PEAK chunk, so that the same samples give the same file."""
    with path.open("r+b") as file:
        head = file.read(HEADER)
        peak = head[: max(head.find(b"data"), 0)].find(b"PEAK")
        if peak >= 0:
            file.seek(peak + 12)  # behind the chunk's name, size and version
            file.write(bytes(4))


def _too_much(ending: str, subtype: str, rate: int, channels: int) -> str | None:
    """What a format cannot hold of a rate and a number of channels."""
    limits = {"FLAC": 8, "MP3": 2, "OGG": 255}
    if channels > limits.get(ending, 1024):
        return f"{ending} holds up to {limits.get(ending, 1024)} channels, these are {channels}; write .wav or .caf"
    if ending == "MP3" and rate not in MPEG_RATES:
        return f"MP3 has no sample rate of {rate} Hz; write .flac, .wav or .ogg"
    if subtype == "OPUS" and rate not in OPUS_RATES:
        return f"Opus has no sample rate of {rate} Hz; write .flac, .wav or .ogg"
    if ending == "FLAC" and rate > 655_350:
        return f"FLAC holds sample rates up to 655350 Hz, this is {rate} Hz; write .wav"
    return None


def _cause(error: Exception) -> str:
    """libsndfile's message; a full disk has been named before."""
    text = " ".join(str(getattr(error, "error_string", None) or error or type(error).__name__).split()).rstrip(".")
    return text or "libsndfile took less than it was given"
