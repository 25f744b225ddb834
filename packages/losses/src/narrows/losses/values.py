"""Losses that something else computed: a bottleneck, a discriminator."""

from __future__ import annotations

from torch import Tensor

from narrows.losses.base import Info, LossModule, lookup


class ValueLoss(LossModule):
    """A reported value as it is.

    Args:
        key: where it stands in the info.
        name: name in logs.
        weight: factor.
        decay: factor of the weight at every step.
        warmup_steps: steps over which the weight rises from 0.
    """

    def __init__(self, key: str, name: str, weight: float = 1.0, decay: float = 1.0, warmup_steps: int = 0) -> None:
        super().__init__(name, weight, decay, warmup_steps)
        self.key = key

    def value(self, info: Info) -> Tensor:
        """The reported value."""
        reported: Tensor = lookup(info, self.key)
        return reported


class TargetValueLoss(ValueLoss):
    """How far a reported value is from a target, without sign.

    Args:
        key: where it stands in the info.
        target: what it should be.
        name: name in logs.
        weight: factor.
        decay: factor of the weight at every step.
    """

    def __init__(self, key: str, target: float, name: str, weight: float = 1.0, decay: float = 1.0) -> None:
        super().__init__(key, name, weight, decay)
        self.target = target

    def value(self, info: Info) -> Tensor:
        """`|value - target|`."""
        return (super().value(info) - self.target).abs()
