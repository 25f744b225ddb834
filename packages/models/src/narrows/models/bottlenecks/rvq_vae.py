"""Variational sampling followed by residual vector quantization, as in stable-audio-tools."""

from __future__ import annotations

from typing import Any

from torch import Generator, Tensor

from narrows.configs import RVQVAEBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.rvq import QUANTIZER, RVQBottleneck
from narrows.models.bottlenecks.vae import KL, sample


class RVQVAEBottleneck(RVQBottleneck):
    """Samples latents, then quantizes them. Reports `kl` besides what `RVQBottleneck` does, and takes its options."""

    losses: tuple[LossTerm, ...] = (KL, QUANTIZER)

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, deterministic: bool = False, **kwargs: Any
    ) -> tuple[Tensor, Info]:
        """`(B, 2D, L)` → `(B, D, L)`; `deterministic` quantizes the mean. See `RVQBottleneck` for the others."""
        latents, kl = sample(x, generator, kwargs.get("mask"), deterministic)
        quantized, info = super().forward(latents, generator=generator, **kwargs)
        return quantized, {"kl": kl, **info}


@build_bottleneck.register
def _(config: RVQVAEBottleneckConfig) -> RVQVAEBottleneck:
    return RVQVAEBottleneck(**options(config))
