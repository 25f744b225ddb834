"""Residual vector quantization (Zeghidour et al. 2021) with vector-quantize-pytorch."""

from __future__ import annotations

from typing import Any

from torch import Generator, Tensor
from vector_quantize_pytorch import ResidualVQ

from narrows.configs import RVQBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info

QUANTIZER = LossTerm("quantizer_loss", 1.0, "quantizer")


class RVQBottleneck(DiscreteBottleneck):
    """Quantizes each latent frame by a sum of codes.

    Args:
        quantizer: keyword arguments of `vector_quantize_pytorch.ResidualVQ`.
    """

    losses = (QUANTIZER,)
    tokens_id = "quantizer_indices"

    def __init__(self, **quantizer: Any) -> None:
        super().__init__(quantizer["num_quantizers"], quantizer["codebook_size"])
        self.quantizer = ResidualVQ(**quantizer)

    def forward(self, x: Tensor, *, generator: Generator | None = None) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, L, K)`."""
        quantized, indices, losses = self.quantizer(x.transpose(1, 2))
        return quantized.transpose(1, 2), {"quantizer_indices": indices, "quantizer_loss": losses.mean()}

    def dequantize(self, codes: Tensor) -> Tensor:
        """Codes `(B, L, K)` → latents `(B, D, L)`."""
        latents: Tensor = self.quantizer.get_output_from_indices(codes)
        return latents.transpose(1, 2)


@build_bottleneck.register
def _(config: RVQBottleneckConfig) -> RVQBottleneck:
    return RVQBottleneck(**options(config))
