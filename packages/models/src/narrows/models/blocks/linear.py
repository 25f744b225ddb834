"""Linear layers that can be told a faster way to the same result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

LinearPlan = Callable[[Any, Tensor], "Tensor | None"]
"""The output of a layer, of the layer and `(..., in_features)`; None for inputs that the plan is not for."""


class PlannedLinear(nn.Linear):
    """`nn.Linear` with a plan; `narrows.models.inference.prepare_for_inference` makes its layers such.

    Shape:
        `(..., in_features)` → `(..., out_features)`
    """

    plan: LinearPlan | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Multiply."""
        done = None if self.plan is None else self.plan(self, x)
        return F.linear(x, self.weight, self.bias) if done is None else done


def is_linear(module: object) -> bool:
    """Whether a module is a linear layer and no more: no adapter, no arithmetic of its own."""
    return type(module) in (nn.Linear, PlannedLinear)
