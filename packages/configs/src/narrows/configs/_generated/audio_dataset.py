# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .datasets import audio_dir, lhotse, parquet, wds

if TYPE_CHECKING:
    AudioDatasetConfig = TypeAliasType(
        "AudioDatasetConfig",
        Annotated[
            audio_dir.AudioDirDatasetConfig | wds.WdsDatasetConfig | parquet.ParquetDatasetConfig | lhotse.LhotseDatasetConfig,
            Field(discriminator='dataset_type', title='AudioDatasetConfig'),
        ],
    )
else:
    AudioDatasetConfig = TypeAliasType(
        'AudioDatasetConfig',
        Annotated[Any, Tagged('dataset_type', {
            'audio_dir': 'datasets.audio_dir:AudioDirDatasetConfig',
            'wds': 'datasets.wds:WdsDatasetConfig',
            's3': 'datasets.wds:WdsDatasetConfig',
            'parquet': 'datasets.parquet:ParquetDatasetConfig',
            'lhotse': 'datasets.lhotse:LhotseDatasetConfig',
        })],
    )
"""
A data set of audio, by `dataset_type`.
"""
