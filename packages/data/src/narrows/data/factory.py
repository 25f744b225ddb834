"""The factory: from the configuration of a data set to its loader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from narrows.configs import load_config
from narrows.data.datasets import LoaderOptions, create_loader
from narrows.data.faults import log_skip

Config = Mapping[str, Any] | str | Path | BaseModel


def create_dataloader_from_config(
    dataset_config: Config,
    batch_size: int,
    sample_size: int,
    sample_rate: int,
    audio_channels: int = 2,
    num_workers: int = 4,
    shuffle: bool = True,
    *,
    seed: int = 0,
    rank: int = 0,
    world_size: int = 1,
    update_size: int | None = None,
    multiprocessing_context: str | None = None,
    on_skip: Callable[[str, str], None] = log_skip,
    allow_code: bool = False,
) -> Any:
    """Build the loader of a data set.

    Args:
        dataset_config: a typed configuration, a dictionary or the path of a file; never changed.
        batch_size: clips of a batch, per process.
        sample_size: length of a clip in samples.
        sample_rate: rate in Hz that every clip is brought to.
        audio_channels: channels that every clip is brought to.
        num_workers: loader processes; 0 loads in this one. The data do not depend on it.
        shuffle: draw files in random order.
        seed: seed of order and crops.
        rank: number of this process among those that train together.
        world_size: how many these are.
        update_size: samples of one update, over all processes. Batches come without end then, `batches_per_update` of
            each process for an update, none above `batch_size`; an update has the same samples for every number of
            processes. None gives epochs of batches of `batch_size`.
        multiprocessing_context: how workers start, e.g. `"spawn"`; None takes the system's way.
        on_skip: told path and reason of each bad file, once; by default it goes to the log `narrows.data`.
        allow_code: run the Python files that `custom_metadata_module` names.

    Returns:
        An object to iterate over: batches `(audio, metadata)`, audio float32 `(B, C, T)`, metadata one dictionary a
        clip. It has `len()`, `state_dict()`, `load_state_dict()` and `skipped`. A data set of the type `spectrogram`
        gives its own number of channels and length, and spectrograms where it says so.

    Raises:
        ConfigError: the configuration is wrong.
        DataError: the data cannot be used: missing, empty or mostly bad.
    """
    config = load_config(dataset_config, "dataset")
    options = LoaderOptions(
        batch_size=batch_size,
        sample_size=sample_size,
        sample_rate=sample_rate,
        audio_channels=audio_channels,
        num_workers=num_workers,
        shuffle=shuffle,
        seed=seed,
        rank=rank,
        world_size=world_size,
        update_size=update_size,
        multiprocessing_context=multiprocessing_context,
        on_skip=on_skip,
        allow_code=allow_code,
    )
    return create_loader(config, options)
