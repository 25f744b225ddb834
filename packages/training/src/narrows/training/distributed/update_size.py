"""How many clips an update has, which stays what was asked for when the number of processes changes."""

from __future__ import annotations

from math import prod
from typing import Any, Protocol

from narrows.configs import TrainExperimentConfig
from narrows.data import DataError

FACTORS = ("batch_size", "accum_batches", "devices", "num_nodes")
"""Options whose product it is, where `global_batch_size` does not say it."""


class Updates(Protocol):
    """Of a trainer, what matters here."""

    samples: int | None
    takes_uneven_shares: bool


def update_size(experiment: TrainExperimentConfig) -> int:
    """Clips of an update, over all processes."""
    return experiment.global_batch_size or prod(getattr(experiment, name) for name in FACTORS)


def share_updates(trainer: Updates, experiment: TrainExperimentConfig, world_size: int, loader: Any) -> None:
    """Tell a trainer how many clips an update has.

    Raises:
        DataError: shares of different sizes are no use to it.
    """
    size, batches = update_size(experiment), loader.batches_per_update * world_size
    if size % batches and not trainer.takes_uneven_shares:
        fitting = ", ".join(str(size // n) for n in range(size, 0, -1) if size % n == 0)
        raise DataError(
            f"{world_size} processes cannot share {size} clips a step evenly, which this training needs: start "
            f"{fitting} processes, or choose a global_batch_size that {world_size} goes into"
        )
    trainer.samples = size
