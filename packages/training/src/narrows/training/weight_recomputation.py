"""Normalised weights that are computed again in the backward pass instead of being kept.

A convolution keeps its weight for the backward pass. Where that is a plain parameter it costs nothing; with weight
normalisation it is a tensor of its own, so that a model of large layers is held once more from the forward pass on. Its
direction and length are kept in any case, and one pass over them gives the same weight, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.utils.parametrize import ParametrizationList

LARGE = 1 << 18
"""Numbers from which on a weight is worth it: below, keeping track of what is kept costs more than it saves."""


def recompute_weights(module: nn.Module) -> int:
    """Let the large layers with `torch.nn.utils.parametrizations.weight_norm` compute their weights again.

    Gradients stay as they are, bit for bit. Layers that are compiled, or recomputed as a whole, keep what they would.

    Returns:
        How many layers do.
    """
    found = 0
    for layer in module.modules():
        parts = getattr(layer, "parametrizations", None)
        weight: Any = parts["weight"] if parts is not None and "weight" in parts else None
        if _is_normalised(weight) and weight.original1.numel() >= LARGE:
            recomputed = _Recomputed(weight)
            weight.register_forward_hook(recomputed.computed)
            layer.register_forward_pre_hook(recomputed.enter)
            layer.register_forward_hook(recomputed.leave, always_call=True)
            found += 1
    return found


def _is_normalised(weight: Any) -> bool:
    return isinstance(weight, ParametrizationList) and len(weight) == 1 and type(weight[0]).__name__ == "_WeightNorm"


@dataclass
class _Recomputed:
    """The weight of one layer: told from all else that its forward pass keeps, and made again from its parts.

    Args:
        weight: the parametrization.
    """

    weight: Any
    address: int | None = None
    """Of the weight of the forward pass that runs."""
    open: list[saved_tensors_hooks] = field(default_factory=list)

    def enter(self, *_: Any) -> None:
        if not torch.is_grad_enabled() or torch.compiler.is_compiling():
            return
        hooks = saved_tensors_hooks(self._pack, _unpack)
        hooks.__enter__()
        self.open.append(hooks)

    def computed(self, _: nn.Module, __: Any, weight: Tensor) -> None:
        self.address = weight.data_ptr() if self.open else None

    def leave(self, *_: Any) -> None:
        if self.open:
            self.open.pop().__exit__(None, None, None)
        self.address = None

    def _pack(self, kept: Tensor) -> Tensor | Callable[[], Tensor]:
        length, direction = self.weight.original0, self.weight.original1
        same = kept.data_ptr() == self.address and kept.numel() == direction.numel() and kept.is_contiguous()
        if not same or kept.dtype != direction.dtype:
            return kept
        versions, shape, dim = (length._version, direction._version), kept.shape, self.weight[0].dim

        def again() -> Tensor:
            if (length._version, direction._version) != versions:
                raise RuntimeError("A weight was changed between the forward pass and its backward pass")
            made: Tensor = torch._weight_norm(direction, length, dim)
            return made.view(shape)

        return again


def _unpack(kept: Any) -> Tensor:
    if isinstance(kept, Tensor):
        return kept
    with torch.no_grad():
        made: Tensor = kept()
    return made
