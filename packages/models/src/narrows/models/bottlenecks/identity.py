"""A bottleneck that changes nothing, where a configuration wants one by name."""

from __future__ import annotations

from torch import Generator, Tensor

from narrows.configs import IdentityBottleneckConfig
from narrows.models.bottlenecks import Bottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


class IdentityBottleneck(Bottleneck):
    """Latents are the encoder's output."""

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`."""
        return x, {}


@build_bottleneck.register
def _(config: IdentityBottleneckConfig) -> IdentityBottleneck:
    return IdentityBottleneck()
