"""Advice when memory does not suffice."""

from __future__ import annotations

import torch
from torch import nn

from narrows.configs import NarrowsError, TrainExperimentConfig
from narrows.models.inspection import inspect_model

MIB = 2**20


class OutOfMemoryError(NarrowsError, MemoryError):
    """The device's memory does not suffice; the message lists the cheapest changes."""


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error says that memory does not suffice, of a GPU or of the processor."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def advice(experiment: TrainExperimentConfig, model: nn.Module) -> list[str]:
    """The three cheapest changes that save memory, the cheapest first, with the expected saving.

    Args:
        experiment: the run that did not fit.
        model: its model.
    """
    weights = sum(parameter.numel() for parameter in model.parameters()) * 4
    batch, accumulated = experiment.batch_size, experiment.accum_batches
    activations = _activations(experiment, weights)
    found = []
    if experiment.precision == "32-true":
        found.append(f"precision=bf16-mixed: {_share(activations, 1 / 2)}, and faster on GPUs that have bf16")
    if batch > 1:
        kept = batch // 2
        saved = _share(activations, 1 - kept / batch)
        more = "" if experiment.global_batch_size is not None else f" accum_batches={accumulated * 2}"
        found.append(f"batch_size={kept}{more}: {saved}, with the same gradients")
    if not experiment.gradient_checkpointing:
        found.append(f"gradient_checkpointing=true: {_share(activations, 2 / 3)}, for about a third more time")
    found.append(f"half of the sample_size: {_share(activations, 1 / 2)}")
    if getattr(experiment.model_config_.training, "use_ema", False):  # type: ignore[union-attr]
        found.append(f"model.training.use_ema=false: {weights / MIB:,.0f} MiB, the size of the weights")
    return found[:3]


def _activations(experiment: TrainExperimentConfig, weights: int) -> float | None:
    """Bytes of the activations that a batch keeps for the backward pass, by `narrows inspect`; None if unknown."""
    try:
        whole = inspect_model(experiment.model_config_).training_memory
    except (ValueError, NotImplementedError, RuntimeError):
        return None
    return None if whole is None else (whole - 4 * weights) * experiment.batch_size


def _share(activations: float | None, share: float) -> str:
    part = f"about {share:.0%} of the memory of activations"
    return part if activations is None else f"{part}, {share * activations / MIB:,.0f} of {activations / MIB:,.0f} MiB"


def out_of_memory(experiment: TrainExperimentConfig, model: nn.Module) -> OutOfMemoryError:
    """The error to raise instead of torch's."""
    changes = "\n".join(f"  {number}. {text}" for number, text in enumerate(advice(experiment, model), 1))
    return OutOfMemoryError(f"The model does not fit into the device's memory. The cheapest changes:\n{changes}")
