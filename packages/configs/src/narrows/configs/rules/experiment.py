"""Rules of experiments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule

if TYPE_CHECKING:
    from narrows.configs._generated.experiments.train import TrainExperimentConfig


@rule
def model_has_training(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """A model that is trained has a `training` section."""
    model = experiment.model_config_
    if not isinstance(model, str) and model.training is None:
        yield Problem(
            "/model_config/training", "'training' is required to train.", None, "Give at least learning_rate."
        )


@rule
def batches_are_counted_once(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """With `global_batch_size`, how many batches are accumulated follows from the number of processes."""
    if experiment.global_batch_size is not None and experiment.accum_batches != 1:
        message = "'global_batch_size' says how many clips a step has, so that accum_batches follows from it."
        hint = "Leave accum_batches out, or write global_batch_size null."
        yield Problem("/accum_batches", message, experiment.accum_batches, hint, related=("/global_batch_size",))


@rule
def cluster_belongs_to_ray(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """`address` is that of a Ray cluster."""
    if experiment.address is not None and experiment.engine != "ray":
        message = "'address' belongs to engine 'ray'."
        yield Problem("/address", message, experiment.address, "Write engine 'ray', or leave it out.")


@rule
def shards_scale_no_losses(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Sharded training (`fsdp`) cannot scale the losses of 16 bit arithmetic."""
    if experiment.strategy == "fsdp" and experiment.precision == "16-mixed":
        message = "Strategy 'fsdp' cannot be combined with precision '16-mixed', whose losses are scaled."
        hint = "Write precision 'bf16-mixed', or strategy 'ddp'."
        yield Problem("/precision", message, experiment.precision, hint, related=("/strategy",))
