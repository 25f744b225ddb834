"""What every guidance is: further predictions to ask for, and how they are combined with the conditional one.

Letters: B batch, C channels, T frames.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from narrows.models.diffusion.backbones.base import Backbone, Objective
from narrows.models.diffusion.conditions import Inputs

Combination = Callable[["Step", Tensor, Tensor], Tensor]
"""A guided prediction of a step, the conditional prediction and the one to move away from."""


@dataclass(frozen=True)
class Step:
    """The call that predictions are combined in; of the guided items only."""

    x: Tensor
    """`(b, C, T)`."""
    level: Tensor
    """`(b,)`: share of noise, 0 to 1, in float32."""
    objective: Objective
    valid: Tensor | None
    """`(b, T)`, false for padding; None for no padding."""
    rows: Tensor | None
    """`(b,)`: which items of the batch these are; None for all."""
    batch: int
    """Items of the batch."""


@dataclass(frozen=True)
class Branch:
    """A further prediction."""

    inputs: Inputs
    """Prepared conditions of all items."""
    backbone: Backbone | None = None
    """Whose prediction; None for the model's own."""


class Guidance(ABC):
    """A way to exaggerate what conditions do."""

    @abstractmethod
    def branches(self, backbone: Backbone, inputs: Inputs, unconditional: Inputs | None, t: Tensor) -> list[Branch]:
        """Further predictions that are needed; none where there is nothing to guide by.

        Args:
            backbone: of the model.
            inputs: prepared conditions.
            unconditional: those without what guidance takes away, or with negative ones; None where nothing is taken.
            t: `(B,)`.
        """

    @abstractmethod
    def combine(self, step: Step, conditional: Tensor, others: Sequence[Tensor]) -> Tensor:
        """The guided prediction `(b, C, T)`, of those of `branches` in their order."""

    def reset(self) -> None:  # noqa: B027 (most kinds remember nothing)
        """Forget earlier steps; called when a sampling begins."""


def over_item(x: Tensor, valid: Tensor | None) -> Tensor:
    """Zero the padding of `(b, C, T)`, so that sums over an item leave it out."""
    return x if valid is None else x * valid[:, None]
