"""Putting adapters into a model, taking them out, and writing them into its weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.layer import LayerAdapter
from narrows.models.checkpoints.kinds import finite

WEIGHT = "weight"


def attach(model: nn.Module, adapters: Mapping[str, LayerAdapter]) -> None:
    """Let adapters act on the weights of a model, behind those that it has already.

    Args:
        model: changed in place; its own tensors stay the objects that they are.
        adapters: by the name of the layer.
    """
    for name, adapter in adapters.items():
        parametrize.register_parametrization(model.get_submodule(name), WEIGHT, adapter, unsafe=True)


def detach(model: nn.Module, adapters: Mapping[str, LayerAdapter]) -> None:
    """Take adapters out again; the weights are those of before, exactly."""
    for name, adapter in adapters.items():
        layer: Any = model.get_submodule(name)
        acting = layer.parametrizations[WEIGHT]
        if len(acting) == 1:
            parametrize.remove_parametrizations(layer, WEIGHT, leave_parametrized=False)
        else:
            del acting[next(index for index, one in enumerate(acting) if one is adapter)]


@contextmanager
def attached(model: nn.Module, adapters: Mapping[str, LayerAdapter]) -> Iterator[None]:
    """Inside, adapters act on the weights of a model."""
    attach(model, adapters)
    try:
        yield
    finally:
        detach(model, adapters)


@torch.no_grad()
def merge(model: nn.Module, adapters: Mapping[str, LayerAdapter]) -> None:
    """Write what adapters make of the weights into the weights; only a reload gives those of before.

    Args:
        model: changed in place.
        adapters: by the name of the layer, not attached.

    Raises:
        AdapterError: a weight would not be finite.
    """
    for name, adapter in adapters.items():
        layer: Any = model.get_submodule(name)
        changed = adapter(layer.weight)
        if not finite(changed):
            raise AdapterError(f"The adapter makes {name} not finite at this strength: give a smaller one")
        if parametrize.is_parametrized(layer, WEIGHT):
            layer.weight = changed  # normalised weights take their parts from it
        else:
            layer.weight.copy_(changed)


def adapters_of(layer: nn.Module) -> list[LayerAdapter]:
    """The adapters of a layer, in the order in which they act."""
    if not parametrize.is_parametrized(layer, WEIGHT):
        return []
    return [one for one in layer.parametrizations[WEIGHT] if isinstance(one, LayerAdapter)]  # type: ignore[index]


def base_weight(layer: Any) -> Tensor:
    """The weight of a layer without its adapters."""
    found = adapters_of(layer)
    active = [adapter.active for adapter in found]
    try:
        for adapter in found:
            adapter.active = False
        weight: Tensor = layer.weight.detach()
        return weight
    finally:
        for adapter, was in zip(found, active, strict=True):
            adapter.active = was
