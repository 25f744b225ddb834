"""Making a model fast for use: weight norm folded, gradients off, the arithmetic asked for, compiled on request.

Folding computes each weight once instead of at every call, with the same formula, and on a CPU the layers run on
pieces of the signal (`narrows.models.inference.cpu.blocking`), so float32 results stay the same to the last bits.
bfloat16 and float16 round differently: see docs/speed.md for what that costs in each architecture.
"""

from __future__ import annotations

import shutil
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from narrows.models.arithmetic import arithmetic_of
from narrows.models.blocks.activations import Snake, SnakeBeta, snake
from narrows.models.blocks.layers import Layers
from narrows.models.codec.identity import remember_hash
from narrows.models.inference.cpu.blocking import BlockingPlan
from narrows.models.inference.cpu.layers import in_a_row
from narrows.models.inference.folding import fold_weight_norm
from narrows.models.inference.precision import keep_exact


class Prepared(NamedTuple):
    """The changes made to a model."""

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
        dtype: of weights and arithmetic; None keeps it. On a CPU, layers whose 16-bit kernels are wrong compute in
            float32 (`narrows.models.inference.precision`).
        compile: compile with `torch.compile` at the first call: on a CPU the activations of convolutional models,
            in some ten seconds, else encoder and decoder, in a minute or so. It pays for long work; None compiles
            where a compiler is present.

    Returns:
        The changes made.
    """
    remember_hash(model)
    model.eval().requires_grad_(False)
    folded = fold_weight_norm(model)
    keep_exact({"": model}, dtype or arithmetic_of(model), gradients=False, prepared=True)
    if dtype is not None:
        model.to(dtype)
    plan_layers(model)
    compiled = can_compile(model) if compile is None else compile
    if compiled:
        compile_parts(model)
    return Prepared(folded, dtype or arithmetic_of(model), bool(compiled))


def plan_layers(model: nn.Module) -> None:
    """Let the layers of convolutional encoders and decoders run on pieces that fit a processor's cache."""
    for module in model.modules():
        if isinstance(module, Layers):
            module.plan = BlockingPlan(list(module), in_a_row)


def compile_parts(model: nn.Module) -> None:
    """Compile the activations of blocked layers on a CPU, encoder and decoder elsewhere."""
    parameter = next(model.parameters(), None)
    on_cpu = parameter is None or parameter.device.type == "cpu"
    for name in ("encoder", "decoder"):
        part: nn.Module | None = getattr(model, name, None)
        if part is not None and on_cpu and any(isinstance(module, Layers) for module in part.modules()):
            fused = {Snake: torch.compile(snake, dynamic=True), nn.ELU: torch.compile(F.elu, dynamic=True)}
            fused[SnakeBeta] = fused[Snake]
            activations: list[Any] = [module for module in part.modules() if type(module) in fused]
            for activation in activations:
                activation.fused = fused[type(activation)]
        elif part is not None:
            part.compile(dynamic=True)


def can_compile(model: nn.Module) -> bool:
    """Whether `torch.compile` can work on the model's device."""
    parameter = next(model.parameters(), None)
    on_gpu = parameter is not None and parameter.device.type == "cuda"
    return on_gpu or shutil.which("g++") is not None or shutil.which("clang++") is not None
