"""Waveforms without models: files, channels, resampling, windows and STFT, loudness."""

from __future__ import annotations

from narrows.audio.errors import AudioFileError, DataError
from narrows.audio.files import audio_info, read_audio
from narrows.audio.formats.decoder import AudioInfo
from narrows.audio.writing import audio_writer, write_audio

__all__ = [
    "AudioFileError",
    "AudioInfo",
    "DataError",
    "audio_info",
    "audio_writer",
    "read_audio",
    "write_audio",
]
