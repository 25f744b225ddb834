"""Maximum mean discrepancy (Gretton et al. 2012) in memory that grows with the number of samples only.

Letters: N, M samples, D channels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

ELEMENTS = 1 << 20
"""Kernel values held at a time: 4 MiB in float32."""


def mean_discrepancy(x: Tensor, y: Tensor) -> Tensor:
    """Squared maximum mean discrepancy of two sets of samples, `(N, D)` and `(M, D)`, with a Gaussian kernel.

    The kernel is that of stable-audio-tools, `exp(-|a - b|² / D²)`: the mean square over the channels, divided by
    their number once more. The reference builds the differences, N x N x D numbers; here the kernel is summed block
    by block, and its gradient is known in closed form.
    """
    mean: Any = MeanKernel.apply
    value: Tensor = mean(x, x) + mean(y, y) - 2 * mean(x, y)
    return value


class MeanKernel(torch.autograd.Function):
    """Mean over all pairs of `exp(-|x_i - y_j|² / D²)`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        """Sum block by block; the gradients are made in the same pass, since the kernel is at hand."""
        wanted = ctx.needs_input_grad
        total, scale = x.new_zeros((), dtype=torch.float64), 1 / x.shape[1] ** 2
        grad_x = torch.zeros_like(x) if wanted[0] else None
        grad_y = torch.zeros_like(y) if wanted[1] else None
        # Differences are unchanged by a common shift; without it, squares of a large mean would swamp them.
        centre = y.mean(0)
        x, y = x - centre, y - centre
        squares = (y**2).sum(1)
        rows = max(1, ELEMENTS // max(1, len(y)))
        for start in range(0, len(x), rows):
            block = x[start : start + rows]
            distance = torch.addmm(squares.expand(len(block), -1), block, y.t(), alpha=-2)
            distance += (block**2).sum(1, keepdim=True)
            kernel = distance.clamp_(min=0).mul_(-scale).exp_()
            total += kernel.sum(dtype=torch.float64)
            if grad_x is not None:
                grad_x[start : start + rows] = kernel @ y - kernel.sum(1, keepdim=True) * block
            if grad_y is not None:
                grad_y += kernel.t() @ block - kernel.sum(0)[:, None] * y
        pairs = max(1, len(x) * len(y))
        factor = 2 * scale / pairs
        ctx.grads = [None if g is None else g * factor for g in (grad_x, grad_y)]
        return (total / pairs).to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Scale what `forward` kept."""
        return tuple(None if g is None else g * grad for g in ctx.grads)  # type: ignore[return-value]
