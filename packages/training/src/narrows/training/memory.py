"""What memory a training takes, and advice when that does not suffice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from narrows.configs import NarrowsError, TrainExperimentConfig
from narrows.models.training_memory import batch_activations
from narrows.training.distributed.sharding import local
from narrows.training.trainers.base import Trainer

MIB = 2**20
PROBE = 64
"""Rows and columns of the weight by which the state of an optimizer is measured."""


class OutOfMemoryError(NarrowsError, MemoryError):
    """The device's memory does not suffice; the message lists the cheapest changes."""


@dataclass(frozen=True)
class Estimate:
    """Bytes that a training keeps in this process."""

    weights: int
    """Of everything that computes, frozen parts and a discriminator included."""
    gradients: int
    optimizer: int
    averages: int
    activations: int | None
    """What the backward pass of a batch needs; None where it is not known."""

    @property
    def total(self) -> int:
        """All that is known."""
        return self.weights + self.gradients + self.optimizer + self.averages + (self.activations or 0)

    def __str__(self) -> str:
        """In a line."""
        parts = {"weights": self.weights, "gradients": self.gradients, "optimizer": self.optimizer}
        parts |= {"averages": self.averages, "activations": self.activations or 0}
        text = ", ".join(f"{name} {size / MIB:,.0f}" for name, size in parts.items() if size)
        missing = "; activations are not known" if self.activations is None else ""
        return f"about {self.total / MIB:,.0f} MiB of memory: {text}{missing}"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory does not suffice, of a GPU or of the processor."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return not isinstance(error, OutOfMemoryError)
    text = str(error)
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "not enough memory" in text)


def estimate(trainer: Trainer, experiment: TrainExperimentConfig) -> Estimate:
    """What a training will take, from what has been built for it.

    Args:
        trainer: set up.
        experiment: with its model file read in.
    """
    modules = [trainer.model, *trainer.modules_beside.values()]
    parameters = _unique(value for module in modules for value in module.parameters())
    own = [*parameters, *_unique(value for module in modules for value in module.buffers())]
    averages = 0 if trainer.averages is None else trainer.averages.size
    if trainer.ema is not None:
        shared = {id(value) for value in own}
        tensors = _unique([*trainer.ema.model.parameters(), *trainer.ema.model.buffers()])
        averages += _bytes(value for value in tensors if id(value) not in shared)
    return Estimate(
        weights=_bytes(own),
        gradients=_bytes(value for value in parameters if value.requires_grad),
        optimizer=sum(_state_bytes(group.optimizer) for group in trainer.groups.values()),
        averages=averages,
        activations=_activations(experiment, trainer.fabric.device.type),
    )


def advice(experiment: TrainExperimentConfig, needed: Estimate) -> list[str]:
    """The three cheapest changes that save memory, the cheapest first, with the expected saving.

    Args:
        experiment: the run that does not fit.
        needed: what it takes.
    """
    batch, accumulated = experiment.batch_size, experiment.accum_batches
    activations, training = needed.activations, experiment.model_config_.training  # type: ignore[union-attr]
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
    if getattr(training, "lora_config", None) is not None and training.base_precision is None:  # type: ignore[union-attr]
        found.insert(0, f"model.training.base_precision=bf16: {needed.weights / 2 / MIB:,.0f} MiB of the frozen base")
    if getattr(training, "use_ema", False):
        found.append(f"model.training.use_ema=false: {needed.averages / MIB:,.0f} MiB, the size of the weights")
    # What the weights bring with them is not made smaller by shorter batches.
    if activations is not None and activations < needed.averages and getattr(training, "use_ema", False):
        found.insert(0, found.pop())
    return found[:3]


def free_memory(device: torch.device) -> int | None:
    """Bytes that are free on a device; None where nobody tells."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "cpu" and "SC_AVPHYS_PAGES" in getattr(os, "sysconf_names", {}):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def forecast(trainer: Trainer, experiment: TrainExperimentConfig) -> str:
    """What a training will take, for its plan, and advice where that is more than is free."""
    needed = estimate(trainer, experiment)
    # Weights and averages are there already.
    free, more = free_memory(trainer.fabric.device), needed.total - needed.weights - needed.averages
    text = f"It takes {needed}."
    if free is None or more <= free:
        return text
    changes = "".join(f"\n  {number}. {change}" for number, change in enumerate(advice(experiment, needed), 1))
    return f"{text} Only {free / MIB:,.0f} MiB are free. Should it not fit, the cheapest changes are:{changes}"


def out_of_memory(experiment: TrainExperimentConfig, trainer: Trainer) -> OutOfMemoryError:
    """The error to raise instead of torch's."""
    needed = estimate(trainer, experiment)
    changes = "\n".join(f"  {number}. {text}" for number, text in enumerate(advice(experiment, needed), 1))
    return OutOfMemoryError(
        f"The model does not fit into the device's memory: it takes {needed}. The cheapest changes:\n{changes}"
    )


def _unique(tensors: Iterable[Tensor]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors}.values())


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(local(tensor).nbytes for tensor in tensors)


def _state_bytes(optimizer: Optimizer) -> int:
    """Of the moments that an optimizer keeps once it has made a step."""
    inner: Any = getattr(optimizer, "optimizer", optimizer)
    return sum(round(_bytes(group["params"]) * _moments(type(inner), group)) for group in inner.param_groups)


def _moments(build: type[Optimizer], group: Mapping[str, Any]) -> float:
    """Numbers that are kept for each of a weight of a group: measured on a small one of its own."""
    known = signature(build).parameters
    options = {key: value for key, value in group.items() if key in known and key != "params"}
    weight = nn.Parameter(torch.zeros(PROBE, PROBE))
    weight.grad = torch.zeros_like(weight)
    kind = {key: group[key] for key in ("use_muon",) if key in group}
    probe = build([{"params": [weight], **kind}], **options)
    probe.step()
    kept = sum(value.numel() for value in probe.state[weight].values() if isinstance(value, Tensor) and value.dim())
    return kept / PROBE**2


def _activations(experiment: TrainExperimentConfig, device: str) -> int | None:
    """Bytes of the activations that a batch keeps for the backward pass; None if unknown."""
    try:
        kind = "cuda" if device == "cuda" else "cpu"
        whole = batch_activations(experiment.model_config_, experiment.batch_size, kind)
    except (ValueError, NotImplementedError, RuntimeError, TypeError):
        return None
    if whole is None:
        return None
    short = 1 / 2 if "16" in experiment.precision else 1.0
    again = 1 / 3 if experiment.gradient_checkpointing else 1.0
    return round(whole * short * again)


def _share(activations: int | None, share: float) -> str:
    part = f"about {share:.0%} of the memory of activations"
    return part if activations is None else f"{part}, {share * activations / MIB:,.0f} of {activations / MIB:,.0f} MiB"
