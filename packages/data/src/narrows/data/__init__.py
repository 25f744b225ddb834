"""Audio and latent data sets: crops by seeking, deterministic and resumable loading."""

from __future__ import annotations

from narrows.audio import AudioInfo, audio_info, read_audio, write_audio
from narrows.data.errors import AudioFileError, DataError
from narrows.data.factory import create_dataloader_from_config, without_variation
from narrows.data.folders import FolderReport, PackReport, inspect_folder, pack_folder
from narrows.data.loader import Loader
from narrows.data.shards import ShardWriter

__all__ = [
    "AudioFileError",
    "AudioInfo",
    "DataError",
    "FolderReport",
    "Loader",
    "PackReport",
    "ShardWriter",
    "audio_info",
    "create_dataloader_from_config",
    "inspect_folder",
    "pack_folder",
    "read_audio",
    "without_variation",
    "write_audio",
]
