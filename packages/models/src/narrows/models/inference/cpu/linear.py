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
from torch.nn import functional as F

from narrows.models.blocks.transformer.feedforward import GLU
from narrows.models.inference.cpu.onednn import can_pack, kept

KEPT_TWICE = 2**26
"""The most weights of a model's linear layers that are kept a second time: 256 MB in float32."""


class OneDNNLinear(nn.Linear):
    """A linear layer that is computed in oneDNN where no gradient is wanted; elsewhere it is `nn.Linear`."""

    packs = False
    """Whether its weight is kept a second time."""

    def forward(self, x: Tensor) -> Tensor:
        """Multiply `(..., in_features)`."""
        if not serves(self, x):
            return F.linear(x, self.weight, self.bias)
        return _product(x, _weight(self, x) if self.packs else self.weight, self.bias)


def use_onednn(model: nn.Module) -> None:
    """Let the linear layers of a model, and those with a gate, be computed in oneDNN on a CPU, in place."""
    layers: list[Any] = [module for module in model.modules() if type(module) in (nn.Linear, OneDNNLinear)]
    packs = sum(layer.weight.numel() for layer in layers) <= KEPT_TWICE
    for layer in layers:
        layer.__class__ = OneDNNLinear
        vars(layer)["packs"] = packs
    for module in model.modules():
        if isinstance(module, GLU) and type(module.proj) is OneDNNLinear and type(module.act) is nn.SiLU:
            module.fused = gated


def gated(layer: GLU, x: Tensor) -> Tensor | None:
    """The output of a layer with a gate, whose activation and product are applied as oneDNN writes; None if not here.

    Args:
        layer: with `nn.SiLU`.
        x: `(..., dim)`.
    """
    linear: Any = layer.proj
    if type(linear) is not OneDNNLinear or not serves(linear, x):
        return None
    value, gate = kept(linear, _halves, x) if linear.packs else linear.weight.chunk(2)
    value_bias, gate_bias = (None, None) if linear.bias is None else linear.bias.chunk(2)
    return _product(x, value, value_bias, _product(x, gate, gate_bias, how="swish"), how="mul")


def serves(layer: nn.Linear, x: Tensor) -> bool:
    """Whether oneDNN is to compute a layer: on a CPU, without gradients, graphs, autocast or adapters.

    A single row is read from memory rather than computed, which MKL does faster.
    """
    return (
        x.device.type == "cpu"
        and x.numel() > x.shape[-1]
        and not torch.is_grad_enabled()
        and not torch.compiler.is_compiling()
        and not torch.is_autocast_enabled("cpu")
        and "weight" in layer._parameters
        and x.dtype == layer.weight.dtype
        and can_pack(x.dtype)
    )


def _product(x: Tensor, weight: Tensor, bias: Tensor | None, other: Tensor | None = None, how: str = "none") -> Tensor:
    operator: Any = torch.ops.mkldnn._linear_pointwise
    out: Tensor = (
        operator(x, weight, bias, how, [], "") if other is None else operator.binary(x, other, weight, bias, how)
    )
    return out


def _weight(layer: nn.Linear, x: Tensor) -> Tensor:
    return kept(layer, _packed, x)[0]


def _packed(layer: nn.Linear, x: Tensor) -> tuple[Tensor, ...]:
    return (_in_order(layer.weight.detach(), x),)


def _halves(layer: nn.Linear, x: Tensor) -> tuple[Tensor, ...]:
    return tuple(_in_order(half, x) for half in layer.weight.detach().chunk(2))


def _in_order(weight: Tensor, x: Tensor) -> Tensor:
    """A weight as oneDNN wants it for so many rows."""
    operators: Any = torch.ops.mkldnn
    result: Tensor = operators._reorder_linear_weight(weight.contiguous(), x.numel() // x.shape[-1])
    return result
