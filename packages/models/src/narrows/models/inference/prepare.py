"""Making a model fast for use: weight norm folded, gradients off, the arithmetic asked for, compiled on request.

Folding computes each weight once instead of at every call, with the same formula, and on a CPU the layers run on
pieces of the signal (`narrows.models.inference.cpu.blocking`), so float32 results stay the same to the last bits.
bfloat16 and float16 round differently: see docs/speed.md for what that costs in each architecture.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from narrows.models.arithmetic import arithmetic_of
from narrows.models.blocks.layers import Layers
from narrows.models.codec.identity import remember_hash
from narrows.models.inference.compiling import can_compile, compile_parts
from narrows.models.inference.cpu.blocking import BlockingPlan
from narrows.models.inference.cpu.layers import in_a_row
from narrows.models.inference.cpu.linear import use_onednn
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
            in some ten seconds, else encoder and decoder, in a minute or so; the blocks of a diffusion model's
            backbone. It pays for long work; None compiles where a compiler is present.

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
    """Let the layers of convolutional parts run on pieces that fit a processor's cache, and linear ones in oneDNN."""
    use_onednn(model)
    for module in model.modules():
        if isinstance(module, Layers):
            module.plan = BlockingPlan(list(module), in_a_row)
