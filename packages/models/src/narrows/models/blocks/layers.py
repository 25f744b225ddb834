"""Layers in a row."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

from narrows.models.receptive_field import Chain


class LayerPlan(Protocol):
    """A faster way to the result of layers, as `narrows.models.inference.cpu.blocking` makes one."""

    def applies(self, x: Tensor) -> bool:
        """Whether it is for such an input `(B, C, T)`."""
        ...

    def run(self, x: Tensor) -> Tensor:
        """The output of the layers."""
        ...


class Layers(nn.Sequential):
    """`nn.Sequential` that can be told a faster way to the same result, which is taken where no gradient is wanted.

    Shape:
        `(B, C, T)` → `(B, C', T')`
    """

    structure = Chain()
    # The names in state dicts are those of `nn.Sequential`: part of the checkpoint formats.
    plan: LayerPlan | None = None
    """Set by `narrows.models.inference.prepare_for_inference`."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layers."""
        plan = self.plan
        if plan is None or not plan.applies(x):
            out: Tensor = super().forward(x)  # type: ignore[no-untyped-call]
            return out
        return plan.run(x)
