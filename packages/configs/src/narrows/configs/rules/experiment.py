"""Rules of experiments and data sets."""

from __future__ import annotations

from collections.abc import Iterator

from narrows.configs._errors import Problem
from narrows.configs._generated.datasets.audio_dir import AudioDirDatasetConfig
from narrows.configs._generated.experiments.train import TrainExperimentConfig
from narrows.configs.rules import rule


@rule
def folder_is_given_once(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """Exactly one of `path` and `datasets`."""
    if dataset.path is None and not dataset.datasets:
        yield Problem("/path", "'path' or 'datasets' is required.", None, "Give the folder with your audio files.")
    if dataset.path is not None and dataset.datasets:
        yield Problem(
            "/path", "Both 'path' and 'datasets' are given.", dataset.path, "Remove one.", related=("/datasets",)
        )


@rule
def ids_differ(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """No two entries of `datasets` have the same id."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(dataset.datasets):
        if entry.id in seen:
            message = f"The id {entry.id!r} is used twice."
            yield Problem(f"/datasets/{index}/id", message, entry.id, "", related=(f"/datasets/{seen[entry.id]}/id",))
        seen.setdefault(entry.id, index)


@rule
def model_has_training(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """A model that is trained has a `training` section."""
    model = experiment.model_config_
    if not isinstance(model, str) and model.training is None:
        yield Problem(
            "/model_config/training", "'training' is required to train.", None, "Give at least learning_rate."
        )
