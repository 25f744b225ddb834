"""Waveforms without models: files, channels, resampling, windows and STFT, loudness.

Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.configs.exports import lazy_exports

if TYPE_CHECKING:
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

__getattr__ = lazy_exports(
    __name__,
    {
        "AudioFileError": "errors",
        "AudioInfo": "formats.decoder",
        "DataError": "errors",
        "audio_info": "files",
        "audio_writer": "writing",
        "read_audio": "files",
        "write_audio": "writing",
    },
)
