"""Snake, forward and backward, in as few passes over memory as torch's own operations allow.

On a CPU most of what a small model does in training is Snake (Ziyin et al. 2020), and most of that are sines. Written
plainly, autograd keeps three arrays beside the output, and takes a sine, a cosine and a dozen products. With

    y = x + g sin²(ax),    dy/dx = 1 + ag sin(2ax),    dy/da = gx sin(2ax),    dy/dg = sin²(ax) = (y - x) / g

one sine each way is enough, and only input and output are kept: the layers around keep these anyway.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


def snake(x: Tensor, frequency: Tensor, gain: Tensor) -> Tensor:
    """`x + gain * sin²(frequency * x)`.

    Args:
        x: `(B, C, T)`.
        frequency: `(C, 1)` or `(1, C, 1)`.
        gain: as `frequency`; not zero.
    """
    # A graph is fused by whoever compiles it; without a gradient there is nothing to keep.
    trained = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (x, frequency, gain))
    if torch.compiler.is_compiling() or not trained:
        return _plain(x, frequency, gain)
    out: Tensor = _Snake.apply(x, frequency, gain)  # type: ignore[no-untyped-call]
    return out


def _plain(x: Tensor, frequency: Tensor, gain: Tensor) -> Tensor:
    return x + gain * torch.sin(frequency * x).square()


class _Snake(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, frequency: Tensor, gain: Tensor) -> Tensor:
        out = (frequency * x).sin_().square_().mul_(gain).add_(x)
        ctx.save_for_backward(x, frequency, gain, out)
        return out

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        x, frequency, gain, out = ctx.saved_tensors
        if torch.is_grad_enabled():  # a gradient of the gradient is wanted
            inputs = (x, frequency, gain)
            return torch.autograd.grad(_plain(*inputs), inputs, given, create_graph=True)
        # One array in all, which each step overwrites.
        slope = (x * (2 * frequency)).sin_().mul_(given)
        for_x = torch.addcmul(given, slope, frequency * gain).to(x.dtype)
        for_frequency = gain * _like(slope.mul_(x), frequency)
        for_gain = _like(torch.sub(out, x, out=slope).mul_(given), gain) / gain
        return for_x, for_frequency, for_gain


def _like(products: Tensor, parameter: Tensor) -> Tensor:
    """The sum of `(B, C, T)` over batch and time, in the shape of a parameter."""
    return products.sum((0, 2)).reshape(parameter.shape).to(parameter.dtype)
