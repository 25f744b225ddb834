"""Latents on the unit sphere."""

from __future__ import annotations

from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.configs import L2BottleneckConfig
from narrows.models.bottlenecks import Bottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


class L2Bottleneck(Bottleneck):
    """Scales every latent frame to length 1, on encode and on decode."""

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`."""
        return F.normalize(x, dim=1), {}

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """`(B, D, L)` → `(B, D, L)`; frames a generator made need not be of length 1."""
        return F.normalize(latents, dim=1)


@build_bottleneck.register
def _(config: L2BottleneckConfig) -> L2Bottleneck:
    return L2Bottleneck()
