"""Kinds of data sets: one file a type, named after it; each registers the builder of its loader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from importlib import import_module
from typing import Any

from narrows.data.faults import log_skip

MODULES = {"s3": "wds"}
"""Types whose file is not named after them."""


@dataclass(frozen=True)
class LoaderOptions:
    """What a loader needs besides the data set's configuration."""

    batch_size: int
    sample_size: int
    sample_rate: int
    audio_channels: int
    num_workers: int
    shuffle: bool
    seed: int
    rank: int
    world_size: int
    update_size: int | None = None
    multiprocessing_context: str | None = None
    on_skip: Callable[[str, str], None] = log_skip
    allow_code: bool = False


@singledispatch
def build_loader(config: Any, options: LoaderOptions) -> Any:
    """Build the loader of a typed data set; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")


def create_loader(config: Any, options: LoaderOptions) -> Any:
    """Build the loader of a typed data set, after the import of the file that can."""
    import_module(f"{__name__}.{MODULES.get(config.dataset_type, config.dataset_type)}")
    return build_loader(config, options)
