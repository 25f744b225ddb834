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
    value: Tensor = mean(x, None) + mean(y, None) - 2 * mean(x, y)
    return value


class MeanKernel(torch.autograd.Function):
    """Mean over all pairs of `exp(-|x_i - y_j|² / D²)`; of x with itself where y is None."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor | None) -> Tensor:
        """Sum block by block; the gradients are made in the same pass, since the kernel is at hand."""
        wanted = ctx.needs_input_grad
        grad_x = torch.zeros_like(x) if wanted[0] else None
        grad_y = torch.zeros_like(y) if y is not None and wanted[1] else None
        others = x if y is None else y
        pairs, scale = max(1, len(x) * len(others)), 1 / x.shape[1] ** 2
        # Differences are unchanged by a common shift; without it, squares of a large mean would swamp them.
        centre = others.mean(0)
        x, others = x - centre, others - centre
        squares = (others**2).sum(1)
        rows = max(1, ELEMENTS // max(1, len(others)))
        sums = []
        # One buffer for all blocks: freed blocks of several MiB need not go back to the system.
        buffer = x.new_empty(min(rows, len(x)), len(others))
        for start in range(0, len(x), rows):
            block = x[start : start + rows]
            distance = buffer[: len(block)]
            torch.addmm(squares.expand(len(block), -1), block, others.t(), alpha=-2, out=distance)
            distance += (block**2).sum(1, keepdim=True)
            kernel = distance.clamp_(min=0).mul_(-scale).exp_()
            of_rows = kernel.sum(1, keepdim=True)
            sums.append(of_rows.sum())
            if grad_x is not None:
                grad_x[start : start + rows] = kernel @ others - of_rows * block
            if grad_y is not None:
                grad_y += kernel.t() @ block - kernel.sum(0)[:, None] * others
        # Every pair of x with itself counts twice in the gradient, from either end.
        factor = (4 if y is None else 2) * scale / pairs
        ctx.grads = [None if g is None else g * factor for g in (grad_x, grad_y)]
        return torch.stack(sums).sum() / pairs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Scale what `forward` kept."""
        return tuple(None if g is None else g * grad for g in ctx.grads)  # type: ignore[return-value]
