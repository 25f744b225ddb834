# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import lazy_attribute
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audio_dir import AudioDirDatasetConfig, AudioDirEntry
if TYPE_CHECKING:
    from .lhotse import LhotseDatasetConfig, LhotseEntry
if TYPE_CHECKING:
    from .metadata import DatasetMetadataOptions, MetadataField
if TYPE_CHECKING:
    from .parquet import ParquetDatasetConfig, ParquetEntry
if TYPE_CHECKING:
    from .pre_encoded import PreEncodedDatasetConfig, PreEncodedEntry
if TYPE_CHECKING:
    from .prompts import DatasetPromptOptions, Template
if TYPE_CHECKING:
    from .spectrogram import SpectrogramDatasetConfig
if TYPE_CHECKING:
    from .wds import WdsDatasetConfig, WdsEntry

__all__ = [
    "AudioDirDatasetConfig",
    "AudioDirEntry",
    "DatasetMetadataOptions",
    "DatasetPromptOptions",
    "LhotseDatasetConfig",
    "LhotseEntry",
    "MetadataField",
    "ParquetDatasetConfig",
    "ParquetEntry",
    "PreEncodedDatasetConfig",
    "PreEncodedEntry",
    "SpectrogramDatasetConfig",
    "Template",
    "WdsDatasetConfig",
    "WdsEntry",
]

_PLACES = {
    'AudioDirDatasetConfig': 'audio_dir',
    'AudioDirEntry': 'audio_dir',
    'LhotseDatasetConfig': 'lhotse',
    'LhotseEntry': 'lhotse',
    'DatasetMetadataOptions': 'metadata',
    'MetadataField': 'metadata',
    'ParquetDatasetConfig': 'parquet',
    'ParquetEntry': 'parquet',
    'PreEncodedDatasetConfig': 'pre_encoded',
    'PreEncodedEntry': 'pre_encoded',
    'DatasetPromptOptions': 'prompts',
    'Template': 'prompts',
    'SpectrogramDatasetConfig': 'spectrogram',
    'WdsDatasetConfig': 'wds',
    'WdsEntry': 'wds',
}


def __getattr__(name: str) -> Any:
    """Import a class when it is first named."""
    return lazy_attribute(__name__, _PLACES, name)

