"""Balancing losses by their gradients (Défossez et al. 2022, arXiv 2210.13438, section 3.4).

Losses of different scale are hard to weigh against each other: a weight multiplies a value that nobody knows in advance
and that changes over the training. Balanced, a weight is a share: of the gradient that reaches the model's output, each
loss contributes as much as its weight is of the sum of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

EPS = 1e-12


class Balancer:
    """Scales the gradients of losses at the model's output.

    Args:
        total_norm: norm of the sum of the shares.
        ema_decay: decay of the moving averages of the norms.
        reduce: mean of a tensor over all processes.
    """

    def __init__(self, total_norm: float, ema_decay: float, reduce: Callable[[Tensor], Tensor]) -> None:
        self.total_norm, self.ema_decay, self.reduce = total_norm, ema_decay, reduce
        self._averages: dict[str, tuple[float, float]] = {}

    def __call__(self, losses: Iterable[tuple[str, float, Tensor]], output: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The scalar to differentiate, and the share that each loss would have had of the gradient unbalanced.

        Args:
            losses: name, weight and weighted value of each. Those that do not depend on the output are left alone.
            output: of the model, on which the losses depend.

        Returns:
            A scalar whose gradient is the balanced one (its value means nothing), and shares by name.
        """
        found: dict[str, tuple[float, Tensor]] = {}
        rest = output.new_zeros(())
        for name, weight, value in losses:
            gradient = _gradient(value, output)
            if gradient is None:
                rest = rest + value
            elif weight > 0:
                found[name] = (weight, gradient)
        if not found:
            return rest, {}
        norms = self.reduce(torch.stack([gradient.norm() for _, gradient in found.values()]))
        weights = sum(weight for weight, _ in found.values())
        balanced = torch.zeros_like(output)
        for (name, (weight, gradient)), norm in zip(found.items(), norms.tolist(), strict=True):
            balanced += self.total_norm * weight / weights / (self._average(name, norm) + EPS) * gradient
        shares = norms / (norms.sum() + EPS)
        return (output * balanced).sum() + rest, dict(zip(found, shares, strict=True))

    def state_dict(self) -> dict[str, list[float]]:
        """The averages, as plain values."""
        return {name: list(pair) for name, pair in self._averages.items()}

    def load_state_dict(self, state: dict[str, list[float]]) -> None:
        """Go back to a state of `state_dict`."""
        self._averages = {name: (total, weight) for name, (total, weight) in state.items()}

    def _average(self, name: str, norm: float) -> float:
        """The moving average of a norm with a new value, without the pull of its start at zero."""
        total, weight = self._averages.get(name, (0.0, 0.0))
        total, weight = self.ema_decay * total + norm, self.ema_decay * weight + 1
        self._averages[name] = (total, weight)
        return total / weight


def _gradient(value: Tensor, output: Tensor) -> Tensor | None:
    """The gradient of a loss at the output, or None where it does not depend on it."""
    if not value.requires_grad:
        return None
    (gradient,) = torch.autograd.grad(value, output, retain_graph=True, allow_unused=True)
    return gradient
