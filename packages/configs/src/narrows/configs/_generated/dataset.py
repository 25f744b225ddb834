# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .datasets import audio_dir

DatasetConfig = TypeAliasType(
    "DatasetConfig",
    Annotated[
        audio_dir.AudioDirDatasetConfig,
        Field(discriminator='dataset_type', title='DatasetConfig'),
    ],
)
"""
A data set, by `dataset_type`.
"""
