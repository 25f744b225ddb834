"""Latents bounded by a tanh."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from narrows.configs import TanhBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import Bottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


def scaled_tanh(x: Tensor, scale: float) -> Tensor:
    """`tanh(x / scale) * scale`."""
    return torch.tanh(x / scale) * scale


class TanhBottleneck(Bottleneck):
    """`tanh(x / scale) * scale`.

    Args:
        scale: largest absolute value of a latent.
    """

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`."""
        return scaled_tanh(x, self.scale), {}


@build_bottleneck.register
def _(config: TanhBottleneckConfig) -> TanhBottleneck:
    return TanhBottleneck(**options(config))
