# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .datasets import audio_dir, lhotse, parquet, pre_encoded, spectrogram, wds

if TYPE_CHECKING:
    DatasetConfig = TypeAliasType(
        "DatasetConfig",
        Annotated[
            audio_dir.AudioDirDatasetConfig | pre_encoded.PreEncodedDatasetConfig | wds.WdsDatasetConfig | parquet.ParquetDatasetConfig | lhotse.LhotseDatasetConfig | spectrogram.SpectrogramDatasetConfig,
            Field(discriminator='dataset_type', title='DatasetConfig'),
        ],
    )
else:
    DatasetConfig = TypeAliasType(
        'DatasetConfig',
        Annotated[Any, Tagged('dataset_type', {
            'audio_dir': 'datasets.audio_dir:AudioDirDatasetConfig',
            'pre_encoded': 'datasets.pre_encoded:PreEncodedDatasetConfig',
            'wds': 'datasets.wds:WdsDatasetConfig',
            's3': 'datasets.wds:WdsDatasetConfig',
            'parquet': 'datasets.parquet:ParquetDatasetConfig',
            'lhotse': 'datasets.lhotse:LhotseDatasetConfig',
            'spectrogram': 'datasets.spectrogram:SpectrogramDatasetConfig',
        })],
    )
"""
A data set, by `dataset_type`.
"""
