"""What to change when memory does not suffice."""

from __future__ import annotations

from torch import nn

from narrows.configs import TrainExperimentConfig


class OutOfMemoryError(MemoryError):
    """The device's memory does not suffice; the message lists the cheapest changes."""


def advice(experiment: TrainExperimentConfig, model: nn.Module) -> list[str]:
    """The three cheapest changes that save memory, the cheapest first, with what they save.

    Args:
        experiment: the run that did not fit.
        model: its model.
    """
    weights = sum(parameter.numel() for parameter in model.parameters()) * 4 / 2**20
    batch, accumulated = experiment.batch_size, experiment.accum_batches
    found = []
    if experiment.precision == "32-true":
        found.append("precision=bf16-mixed: about half of the memory of activations, and faster on GPUs that have bf16")
    if batch > 1:
        found.append(
            f"batch_size={batch // 2} accum_batches={accumulated * 2}: about half of the memory of activations, with "
            "the same gradients"
        )
    if not experiment.gradient_checkpointing:
        found.append("gradient_checkpointing=true: most of the memory of activations, for about a third more time")
    found.append("a shorter sample_size: the memory of activations is proportional to it")
    found.append(f"model.training.use_ema=false: {weights:.0f} MiB, the size of the weights")
    return found[:3]


def out_of_memory(experiment: TrainExperimentConfig, model: nn.Module) -> OutOfMemoryError:
    """The error to raise instead of torch's."""
    changes = "\n".join(f"  {number}. {text}" for number, text in enumerate(advice(experiment, model), 1))
    return OutOfMemoryError(f"The model does not fit into the device's memory. The cheapest changes:\n{changes}")
