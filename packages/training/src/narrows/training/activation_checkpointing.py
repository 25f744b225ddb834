"""Gradient checkpointing: activations are computed again in the backward pass instead of being kept."""

from __future__ import annotations

from functools import partial
from types import MethodType

from torch import nn
from torch.utils.checkpoint import checkpoint


def stages(module: nn.Module) -> list[nn.Module]:
    """The stages of a part of a model: those it names, or the members of its outermost sequence of at least two."""
    own = getattr(module, "stages", None)
    if isinstance(own, MethodType):
        return list(own())
    sequences = (child for child in module.modules() if isinstance(child, nn.Sequential | nn.ModuleList))
    longest = next((sequence for sequence in sequences if len(sequence) > 1), None)
    return [module] if longest is None else list(longest)


def recompute_stages(module: nn.Module) -> int:
    """Recompute every stage of a part of a model in the backward pass.

    The forward methods are wrapped in place, so that names of parameters stay as they are.

    Returns:
        How many stages are recomputed.
    """
    found = [stage for stage in stages(module) if any(True for _ in stage.parameters())]
    for stage in found:
        stage.forward = partial(checkpoint, stage.forward, use_reentrant=False)
    return len(found)
