"""Waveforms without models: files, channels, resampling, windows and STFT, loudness."""

from __future__ import annotations

from narrows.audio.errors import AudioFileError, DataError
from narrows.audio.files import audio_info, read_audio, write_audio
from narrows.audio.formats.decoder import AudioInfo

__all__ = [
    "AudioFileError",
    "AudioInfo",
    "DataError",
    "audio_info",
    "read_audio",
    "write_audio",
]
