"""Variational sampling followed by the Descript quantizer, as in stable-audio-tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Generator, Tensor

from narrows.configs import DACRVQVAEBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.dac_rvq import CODEBOOK, COMMITMENT, DACRVQBottleneck
from narrows.models.bottlenecks.vae import KL, sample


class DACRVQVAEBottleneck(DACRVQBottleneck):
    """Samples latents, then quantizes them. Reports `kl` besides what `DACRVQBottleneck` reports.

    Args:
        n_codebooks: stages.
        codebook_size: codes of each stage.
        quantize_on_decode: leave latents continuous on encode and quantize on decode.
        input_dim: latent channels.
        codebook_dim: channels in which codes are searched.
        quantizer_dropout: share of a training batch that uses a random number of stages.
        rotation_trick: see `DACRVQBottleneck`, as the three that follow.
        linear_codebook: frozen codes behind a trained linear layer.
        revive_below: replace codes that are hardly used.
        use_decay: of the moving shares.
        average_decay: of codes that are moving averages of the frames that choose them; 0 trains them by gradient.
    """

    losses: tuple[LossTerm, ...] = (KL, CODEBOOK, COMMITMENT)

    def __init__(
        self,
        n_codebooks: int,
        codebook_size: int,
        quantize_on_decode: bool = False,
        input_dim: int = 512,
        codebook_dim: int | Sequence[int] = 8,
        quantizer_dropout: float = 0.0,
        rotation_trick: bool = False,
        linear_codebook: bool = False,
        revive_below: float = 0.0,
        use_decay: float = 0.9,
        average_decay: float = 0.0,
    ) -> None:
        super().__init__(
            n_codebooks,
            codebook_size,
            quantize_on_decode,
            input_dim,
            codebook_dim,
            quantizer_dropout,
            rotation_trick=rotation_trick,
            linear_codebook=linear_codebook,
            revive_below=revive_below,
            use_decay=use_decay,
            average_decay=average_decay,
        )

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, deterministic: bool = False, **kwargs: Any
    ) -> tuple[Tensor, Info]:
        """`(B, 2D, L)` → `(B, D, L)`; `deterministic` quantizes the mean. See `DACRVQBottleneck` for the others."""
        latents, kl = sample(x, generator, kwargs.get("mask"), deterministic)
        quantized, info = super().forward(latents, generator=generator, **kwargs)
        return quantized, {"kl": kl, **info}


@build_bottleneck.register
def _(config: DACRVQVAEBottleneckConfig) -> DACRVQVAEBottleneck:
    return DACRVQVAEBottleneck(**options(config))
