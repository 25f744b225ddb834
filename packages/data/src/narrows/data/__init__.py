"""Audio and latent data sets: crops by seeking, deterministic and resumable loading.

Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.configs.exports import lazy_exports

if TYPE_CHECKING:
    from narrows.audio import AudioFileError, AudioInfo, DataError, audio_info, read_audio, write_audio
    from narrows.data.factory import create_dataloader_from_config
    from narrows.data.folders.inspect import inspect_folder
    from narrows.data.folders.pack import PackReport, pack_folder
    from narrows.data.folders.report import FolderReport
    from narrows.data.indexes.making import IndexReport, make_index
    from narrows.data.loader import Loader
    from narrows.data.shards import ShardWriter
    from narrows.data.variation import without_variation

__all__ = [
    "AudioFileError",
    "AudioInfo",
    "DataError",
    "FolderReport",
    "IndexReport",
    "Loader",
    "PackReport",
    "ShardWriter",
    "audio_info",
    "create_dataloader_from_config",
    "inspect_folder",
    "make_index",
    "pack_folder",
    "read_audio",
    "without_variation",
    "write_audio",
]

_AUDIO = ("AudioFileError", "AudioInfo", "DataError", "audio_info", "read_audio", "write_audio")
_OWN = lazy_exports(
    __name__,
    {
        "FolderReport": "folders.report",
        "IndexReport": "indexes.making",
        "Loader": "loader",
        "PackReport": "folders.pack",
        "ShardWriter": "shards",
        "create_dataloader_from_config": "factory",
        "inspect_folder": "folders.inspect",
        "make_index": "indexes.making",
        "pack_folder": "folders.pack",
        "without_variation": "variation",
    },
)


def __getattr__(name: str) -> object:
    """Names of narrows.audio that were always this package's too, or a name of its own."""
    if name in _AUDIO:
        from narrows import audio

        return getattr(audio, name)
    return _OWN(name)
