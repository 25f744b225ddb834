"""Where audio comes from: one file a kind of data set, which registers itself with `audio_source`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from narrows.pipelines.pre_encode.sources.base import OpenShard, Sound, Sounds, Source, Wanted, build_source

MODULES = {"audio_dir": "folders", "lhotse": "cuts", "parquet": "parquet_rows", "wds": "archives", "s3": "archives"}
"""Types of data sets that hold audio, and the file of each."""


def audio_source(config: Any, allow_code: bool = False) -> Source:
    """The audio of a data set.

    Args:
        config: a typed configuration.
        allow_code: run the Python files that `custom_metadata_module` names.

    Raises:
        DataError: the data set holds no audio, or names code that is not allowed.
    """
    module = MODULES.get(config.dataset_type)
    if module is not None:
        import_module(f"narrows.pipelines.pre_encode.sources.{module}")
    return build_source(config, allow_code)


__all__ = ["OpenShard", "Sound", "Sounds", "Source", "Wanted", "audio_source"]
