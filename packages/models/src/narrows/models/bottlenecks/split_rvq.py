"""A semantic and an acoustic residual quantizer side by side (Mimi, Défossez et al. 2024, arXiv 2410.00037)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor, nn

from narrows.configs import SplitRVQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.residual import Quantized
from narrows.models.bottlenecks import DiscreteBottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.rvq import QUANTIZER, RVQBottleneck


class ProjectedQuantizer(nn.Module):
    """A residual quantizer between two projections.

    Args:
        dim: channels.
        codebook_dim: channels in which it works.
        rvq: of `RVQBottleneck`.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, dim: int, codebook_dim: int, **rvq: Any) -> None:
        super().__init__()
        self.input_proj = nn.Conv1d(dim, codebook_dim, 1, bias=False)
        self.output_proj = nn.Conv1d(codebook_dim, dim, 1, bias=False)
        self.quantizer = RVQBottleneck(codebook_dim, **rvq).quantizer

    def forward(self, x: Tensor, count: int | None, mask: Tensor | None, generator: Generator | None) -> Quantized:
        """Quantize `(B, D, L)`: latents `(B, D, L)`, codes `(B, K, L)` and the loss."""
        made: Quantized = self.quantizer(self.input_proj(x).transpose(1, 2), count, mask, generator)
        latents = self.output_proj(made.latents.transpose(1, 2).to(x.dtype))
        return made._replace(latents=latents, codes=made.codes.transpose(1, 2))

    def dequantize(self, codes: Tensor) -> Tensor:
        """Latents `(B, D, L)` of codes `(B, K, L)`."""
        latents = self.quantizer.dequantize(codes.transpose(1, 2)).transpose(1, 2)
        out: Tensor = self.output_proj(latents.to(self.output_proj.weight.dtype))
        return out


class SplitRVQBottleneck(DiscreteBottleneck):
    """Quantizes each latent frame by two sums of codes, which are added. Neither works on what the other leaves.

    Reports `quantizer_indices` `(B, K, L)`, semantic tokens first, and `quantizer_loss`.

    Args:
        dim: latent channels.
        codebook_dim: width in which both quantizers work.
        codebook_size: codes of each stage.
        num_quantizers: stages of both together.
        num_semantic_quantizers: stages of the semantic one.
        decay: of the moving averages.
        kmeans_init: start the codebooks from k-means of the first training batch.
        threshold_ema_dead_code: codes whose moving count falls below are replaced; 0 switches it off.
        quantize_dropout: train with a random number of acoustic stages.
    """

    losses = (QUANTIZER,)
    info_keys = ("quantizer_indices",)
    is_residual = True

    def __init__(
        self,
        dim: int = 512,
        codebook_dim: int = 256,
        codebook_size: int = 2048,
        num_quantizers: int = 32,
        num_semantic_quantizers: int = 1,
        decay: float = 0.99,
        kmeans_init: bool = True,
        threshold_ema_dead_code: float = 2,
        quantize_dropout: bool = False,
    ) -> None:
        if not 0 < num_semantic_quantizers < num_quantizers:
            wanted = f"from 1 to {num_quantizers - 1}"
            raise ValueError(f"num_semantic_quantizers must be {wanted}, got {num_semantic_quantizers}")
        super().__init__(num_quantizers, codebook_size)
        shared: dict[str, Any] = {
            **{"codebook_size": codebook_size, "decay": decay, "kmeans_init": kmeans_init},
            "threshold_ema_dead_code": threshold_ema_dead_code,
        }
        self.num_semantic = num_semantic_quantizers
        self.semantic = ProjectedQuantizer(dim, codebook_dim, num_quantizers=self.num_semantic, **shared)
        acoustic = num_quantizers - num_semantic_quantizers
        self.acoustic = ProjectedQuantizer(
            dim, codebook_dim, num_quantizers=acoustic, quantize_dropout=quantize_dropout, **shared
        )

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; exactly `n_quantizers` codes a frame where it is given."""
        total = self.num_quantizers if n_quantizers is None else n_quantizers
        semantic = self.num_semantic
        if not 1 <= total <= self.num_quantizers:
            raise ValueError(f"n_quantizers must be from 1 to {self.num_quantizers}, got {n_quantizers}")
        given = None if n_quantizers is None else min(total, semantic)
        made = [self.semantic(x, given, mask, generator)]
        if total > semantic:
            made.append(self.acoustic(x, None if n_quantizers is None else total - semantic, mask, generator))
        latents = made[0].latents if len(made) == 1 else made[0].latents + made[1].latents
        codes = torch.cat([part.codes for part in made], dim=1)
        loss = torch.stack([part.loss for part in made]).sum()
        return latents, {"quantizer_indices": codes, "quantizer_loss": loss}

    def _dequantize(self, tokens: Tensor) -> Tensor:
        latents = self.semantic.dequantize(tokens[:, : self.num_semantic])
        acoustic = tokens[:, self.num_semantic :]
        return latents + self.acoustic.dequantize(acoustic) if acoustic.shape[1] else latents


@build_bottleneck.register
def _(config: SplitRVQBottleneckConfig) -> SplitRVQBottleneck:
    return SplitRVQBottleneck(**options(config))
