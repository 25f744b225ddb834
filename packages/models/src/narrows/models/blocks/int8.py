"""Linear layers whose weights are 8-bit integers, for decoding, where reading the weights is most of the time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.linear import is_linear

LARGEST = 127
MULTIPLE = 32
"""Input features come in groups of so many: torch's kernel reads beyond the end of other rows."""


class Int8Linear(nn.Module):
    """A linear layer with a symmetric scale a row: each weight is off by at most half a step of its row.

    On a CPU inputs are rounded to bfloat16 and torch's kernel for such weights is used; elsewhere the weights are
    widened at each call.

    Args:
        layer: the layer to take the place of; it is not changed. Its input features are a multiple of 32.

    Shape:
        `(..., in_features)` → `(..., out_features)`, in the type of the input
    """

    weight: Tensor
    scale: Tensor

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        if layer.in_features % MULTIPLE:
            raise ValueError(f"An 8-bit layer needs a multiple of {MULTIPLE} input features, got {layer.in_features}")
        self.in_features, self.out_features = layer.in_features, layer.out_features
        given = layer.weight.detach().float()
        scale = given.abs().amax(1).clamp(min=torch.finfo(torch.float32).tiny) / LARGEST
        scale = scale.bfloat16().float()  # as the kernel takes it
        scale = scale.clamp(min=torch.finfo(torch.bfloat16).tiny)
        rounded = (given / scale[:, None]).round().clamp(-LARGEST, LARGEST)
        self.register_buffer("weight", rounded.to(torch.int8))
        self.register_buffer("scale", scale.bfloat16())
        self.bias = None if layer.bias is None else nn.Parameter(layer.bias.detach().clone(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply."""
        if x.device.type != "cpu":
            return F.linear(x, self.weight.to(x.dtype) * self.scale.to(x.dtype)[:, None], self.bias)
        rows = x.reshape(-1, self.in_features).bfloat16()
        out = torch._weight_int8pack_mm(rows, self.weight, self.scale).to(x.dtype)
        out = out if self.bias is None else out + self.bias
        return out.view(*x.shape[:-1], self.out_features)


def quantize_linears(module: nn.Module) -> int:
    """Let 8-bit layers take the place of the linear ones inside a module that they fit; returns how many."""
    count = 0
    child: Any
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if is_linear(child) and child.in_features % MULTIPLE == 0:
                setattr(parent, name, Int8Linear(child))
                count += 1
    return count
