"""Linear layers without gradients, in oneDNN, torch's library for CPUs.

torch computes products of float32 in MKL, which reaches less of some processors' peak than oneDNN does, and gates in
passes of their own over arrays too wide for the cache; oneDNN applies them to what it has just computed. As for
convolutions, these are the operators that `torch.compile` uses for frozen weights. The weights of small models are kept
a second time in oneDNN's order (`onednn.kept`); those of large ones are taken as they lie.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.blocks.linear import PlannedLinear, is_linear
from narrows.models.blocks.transformer.feedforward import GLU
from narrows.models.inference.cpu.onednn import can_pack, kept

KEPT_TWICE = 2**26
"""The most weights of a model's linear layers that are kept a second time: 256 MB in float32."""


def use_onednn(model: nn.Module, most: int = KEPT_TWICE) -> None:
    """Let the linear layers of a model, and those with a gate, be computed in oneDNN on a CPU, in place.

    Args:
        model: changed in place.
        most: weights in all up to which they are kept a second time.
    """
    layers: list[Any] = [module for module in model.modules() if is_linear(module)]
    plan = multiplied_packed if sum(layer.weight.numel() for layer in layers) <= most else multiplied
    for layer in layers:
        layer.__class__ = PlannedLinear
        layer.plan = plan
    for module in model.modules():
        if isinstance(module, GLU) and module.is_swish:
            module.fused = gated


def multiplied(layer: PlannedLinear, x: Tensor) -> Tensor | None:
    """The output of a layer; None if not here."""
    return product(x, layer.weight, layer.bias) if serves(layer, x) else None


def multiplied_packed(layer: PlannedLinear, x: Tensor) -> Tensor | None:
    """The same, with a weight that is kept a second time."""
    return product(x, kept(layer, _packed, x)[0], layer.bias) if serves(layer, x) else None


def gated(layer: GLU, x: Tensor) -> Tensor | None:
    """The output of a layer with a gate, whose activation and product are applied as oneDNN writes; None if not here.

    Args:
        layer: with `nn.SiLU`.
        x: `(..., dim)`.
    """
    linear: Any = layer.proj
    if type(linear) is not PlannedLinear or linear.plan is None or not serves(linear, x):
        return None
    value, gate = kept(linear, _halves, x) if linear.plan is multiplied_packed else linear.weight.chunk(2)
    value_bias, gate_bias = (None, None) if linear.bias is None else linear.bias.chunk(2)
    return product(x, value, value_bias, product(x, gate, gate_bias, how="swish"), how="mul")


def serves(layer: nn.Linear, x: Tensor) -> bool:
    """Whether oneDNN is to compute a layer: on a CPU, without gradients, graphs or autocast.

    A single row is read from memory rather than computed, which MKL does faster.
    """
    return (
        x.device.type == "cpu"
        and x.numel() > x.shape[-1]
        and not torch.is_grad_enabled()
        and not torch.compiler.is_compiling()
        and not torch.is_autocast_enabled("cpu")
        and x.dtype == layer.weight.dtype
        and can_pack(x.dtype)
    )


def product(
    x: Tensor, weight: Tensor, bias: Tensor | None = None, other: Tensor | None = None, how: str = "none"
) -> Tensor:
    """oneDNN's product of `x` `(..., C)` and the transpose of a weight `(D, C)`: `(..., D)`.

    Args:
        x: on a CPU.
        weight: as it lies, or of `in_order`.
        bias: `(D,)`, added.
        other: `(..., D)`, combined with the sum.
        how: the name that oneDNN has for what comes last: an activation, or how `other` is combined.
    """
    operator: Any = torch.ops.mkldnn._linear_pointwise
    out: Tensor = (
        operator(x, weight, bias, how, [], "") if other is None else operator.binary(x, other, weight, bias, how)
    )
    return out


def _packed(layer: nn.Linear, x: Tensor) -> tuple[Tensor, ...]:
    return (in_order(layer.weight.detach(), x),)


def _halves(layer: nn.Linear, x: Tensor) -> tuple[Tensor, ...]:
    return tuple(in_order(half, x) for half in layer.weight.detach().chunk(2))


def in_order(weight: Tensor, x: Tensor) -> Tensor:
    """A weight as oneDNN wants it for so many rows."""
    operators: Any = torch.ops.mkldnn
    result: Tensor = operators._reorder_linear_weight(weight.contiguous(), x.numel() // x.shape[-1])
    return result
