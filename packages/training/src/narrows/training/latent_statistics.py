"""Mean and standard deviation of the latents of a data set, as pre-encoding counted them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from narrows.configs import PreEncodedDatasetConfig
from narrows.data import DataError
from narrows.data.errors import existing_folder
from narrows.pipelines.pre_encode.manifest import DEAD, read_statistics
from narrows.pipelines.pre_encode.statistics import Statistics


def latent_statistics(dataset: PreEncodedDatasetConfig) -> Statistics:
    """The statistics of all folders of a data set together, from their manifests.

    Raises:
        DataError: a folder has none: another program wrote it, it is not complete, or it holds tokens.
    """
    folders = [entry.path for entry in dataset.datasets] or [dataset.path or ""]
    together = Statistics()
    for folder in folders:
        found = _of_folder(existing_folder(folder, "standardize"))
        if found is None or not found.count:
            raise DataError(
                f"{folder} has no manifest.json with statistics of latents, which `standardize` needs: encode the data "
                "with narrows pre-encode, or set model.standardize to false"
            )
        together.merge(found)
    return together


def _of_folder(folder: Path) -> Statistics | None:
    try:
        return Statistics.from_json(read_statistics(folder))
    except (OSError, ValueError, KeyError):
        return None


def fit_statistics(module: Any, dataset: Any) -> None:
    """Give a module that standardizes latents the statistics of a data set.

    Args:
        module: it has `set_statistics(mean, std)`.
        dataset: typed.

    Raises:
        DataError: the data set is not of latents, or has no statistics.
    """
    if not isinstance(dataset, PreEncodedDatasetConfig):
        raise DataError(
            "standardize needs the statistics of pre-encoded data: encode the data with narrows pre-encode, or set it "
            "to false"
        )
    statistics = latent_statistics(dataset)
    module.set_statistics(statistics.mean, usable_std(statistics))


def usable_std(statistics: Statistics) -> Tensor:
    """Standard deviations to divide by: those of dead channels are raised, so that their noise is not made a signal."""
    std = statistics.std
    return std.clamp(min=max(float(DEAD * std.median()), 1e-8))
