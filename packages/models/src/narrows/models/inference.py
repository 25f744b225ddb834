"""Making a model fast for use: weight norm folded, gradients off, the arithmetic asked for, compiled on request.

Folding computes each weight once instead of at every call, with the same formula, so float32 results stay the same to
the last bits. bfloat16 and float16 round differently: see docs/speed.md for what that costs in each architecture.
"""

from __future__ import annotations

import shutil
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.utils import parametrize

from narrows.models.codec.identity import remember_hash


class Prepared(NamedTuple):
    """What was done to a model."""

    folded: int
    """Weight-normalised weights that were folded."""
    dtype: torch.dtype
    compiled: bool

    def __str__(self) -> str:
        """In words, for the user."""
        how = f"{str(self.dtype).removeprefix('torch.')}, {self.folded} weights folded"
        return f"{how}, compiled" if self.compiled else how


def prepare_for_inference(model: nn.Module, dtype: torch.dtype | None = None, compile: bool | None = False) -> Prepared:
    """Make a model fast, in place. It can no longer be trained as it was: weight normalisation is gone.

    Args:
        model: any model; its hash (`narrows.models.codec.model_hash`) stays that of the original weights.
        dtype: of weights and arithmetic; None keeps it.
        compile: compile encoder and decoder with `torch.compile` at their first call, which takes a minute or so and
            pays for long work; None compiles where a compiler is present.

    Returns:
        What was done.
    """
    remember_hash(model)
    model.eval().requires_grad_(False)
    folded = fold_weight_norm(model)
    if dtype is not None:
        model.to(dtype)
    compiled = can_compile(model) if compile is None else compile
    if compiled:
        for name in ("encoder", "decoder"):
            part = getattr(model, name, None)
            if part is not None:
                part.compile(dynamic=True)
    parameter = next(model.parameters(), None)
    return Prepared(folded, torch.float32 if parameter is None else parameter.dtype, bool(compiled))


def fold_weight_norm(model: nn.Module) -> int:
    """Replace every parametrized weight by its value, in place.

    Returns:
        How many there were.
    """
    count = 0
    for module in list(model.modules()):
        if parametrize.is_parametrized(module):
            count += _fold(module)
    return count


def _fold(module: nn.Module) -> int:
    """Fold the weights of one module.

    Done by hand: torch's `remove_parametrizations` takes the property off the module's class, which copies of the
    module share, so that folding a copy would break the original.
    """
    names = list(module.parametrizations)  # type: ignore[arg-type]
    values = {name: getattr(module, name).detach().clone() for name in names}
    module.__class__ = parametrize.type_before_parametrizations(module)
    del module.parametrizations
    for name, value in values.items():
        module.register_parameter(name, nn.Parameter(value, requires_grad=False))
    return len(names)


def can_compile(model: nn.Module) -> bool:
    """Whether `torch.compile` has what it needs on the model's device."""
    parameter = next(model.parameters(), None)
    on_gpu = parameter is not None and parameter.device.type == "cuda"
    return on_gpu or shutil.which("g++") is not None or shutil.which("clang++") is not None
