"""Prefixes that wrappers put into the names of tensors: torch.compile, DataParallel, DistributedDataParallel, FSDP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from torch import nn

WRAPPERS = frozenset({"_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
"""Parts of a name that a wrapper has added; none of our modules is called so."""

Value = TypeVar("Value")


def unwrapped_name(name: str) -> str:
    """The name of a tensor without the parts that wrappers have added, wherever they stand."""
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def unwrapped(state: Mapping[str, Value]) -> dict[str, Value]:
    """Values by their names without wrappers. Of two that would get one name, both keep theirs, and are reported."""
    plain = [unwrapped_name(name) for name in state]
    twice = {name for name in plain if plain.count(name) > 1} if len(set(plain)) < len(plain) else set()
    return {name if short in twice else short: state[name] for name, short in zip(state, plain, strict=True)}


def unwrap(model: nn.Module) -> nn.Module:
    """The model inside `torch.compile`, DataParallel and the like."""
    while True:
        inner = model._modules.get("_orig_mod")
        if inner is None and type(model).__name__ in ("DataParallel", "DistributedDataParallel"):
            inner = model._modules.get("module")
        if inner is None:
            return model
        model = inner
