"""Exponential moving average of a model's weights."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from narrows.training.distributed.sharding import local

Value = TypeVar("Value")
HALF = (torch.bfloat16, torch.float16)


class EMA:
    """A copy of a model whose weights are the exponential moving average of the model's.

    The decay rises as `1 - (1 + updates)^-0.75` up to its maximum, the schedule of the reference (ema-pytorch): the
    first update copies, and the average of a short training is already meaningful. Buffers are copied: an average of
    codebook statistics would match neither the old codes nor the new ones.

    Averages are float32 also where the model is trained in 16 bit: an update by `1 - decay` is smaller than the
    rounding of bfloat16, and would be lost.

    Args:
        model: the model to follow; never changed.
        decay: largest decay, `0 <= decay < 1`.
        averaged: names of the submodules to average, e.g. `["encoder", "decoder"]`. All other submodules, such as a
            frozen text encoder, are shared with the model instead of copied. None averages the whole model.
    """

    def __init__(self, model: nn.Module, decay: float = 0.9999, averaged: Sequence[str] | None = None) -> None:
        self.decay = decay
        self.updates = 0
        self._shared = () if averaged is None else tuple(_not_averaged(model, averaged, ""))
        shared = [model.get_submodule(name) for name in self._shared]
        self.model = copy.deepcopy(model, {id(module): module for module in shared})
        kept = {id(inner) for module in shared for inner in module.modules()}
        for module in self.model.modules():
            if id(module) not in kept:
                module.training = False
        for tensor in self._tensors(self.model).values():
            tensor.requires_grad_(False)
            if tensor.dtype in HALF:
                tensor.data = tensor.data.float()

    def select(self, state: Mapping[str, Value]) -> dict[str, Value]:
        """The entries of a state dict that belong to the average itself, without those of shared submodules."""
        return {name: value for name, value in state.items() if not any(name.startswith(f"{s}.") for s in self._shared)}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Follow the model by one step; call it after the optimizer."""
        decay = min(self.decay, 1 - (1 + self.updates) ** -0.75)
        parameters = self.select(dict(model.named_parameters()))
        targets = [local(p) for p in self.select(dict(self.model.named_parameters())).values()]
        if targets:
            sources = [local(p).to(t.dtype) for p, t in zip(parameters.values(), targets, strict=True)]
            torch._foreach_lerp_(targets, sources, 1 - decay)
        buffers = self.select(dict(model.named_buffers()))
        for name, target in self.select(dict(self.model.named_buffers())).items():
            target.copy_(buffers[name])
        self.updates += 1

    @contextmanager
    def rounded_like(self, model: nn.Module) -> Iterator[None]:
        """Inside, the average has the precision of the model, so that it can run where that model runs."""
        sources = self._tensors(model)
        # Sharded weights are rounded where they are gathered.
        kept = [
            (target, target.data, sources[name].dtype)
            for name, target in self._tensors(self.model).items()
            if target.dtype != sources[name].dtype and not isinstance(target, DTensor)
        ]
        for target, data, dtype in kept:
            target.data = data.to(dtype)
        try:
            yield
        finally:
            for target, data, _ in kept:
                target.data = data

    def _tensors(self, model: nn.Module) -> dict[str, Tensor]:
        """Parameters and buffers that are averaged or copied, by name."""
        return self.select({**dict(model.named_parameters()), **dict(model.named_buffers())})


def _not_averaged(module: nn.Module, averaged: Sequence[str], prefix: str) -> Iterator[str]:
    """Names of the largest submodules that hold nothing that is averaged."""
    for child_name, child in module.named_children():
        name = f"{prefix}{child_name}"
        if name in averaged:
            continue
        if any(other.startswith(f"{name}.") for other in averaged):
            yield from _not_averaged(child, averaged, f"{name}.")
        else:
            yield name
