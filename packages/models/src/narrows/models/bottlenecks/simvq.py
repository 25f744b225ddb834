"""Residual SimVQ (Zhu et al. 2024, arXiv 2411.02038)."""

from __future__ import annotations

from functools import partial

import torch
from torch import Generator, Tensor, nn

from narrows.configs import SimVQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.residual import StageDropout, residual
from narrows.models.blocks.quantizers.simvq import SimVectorQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.rvq import QUANTIZER


class SimVQBottleneck(DiscreteBottleneck):
    """Stages of frozen codes behind a trained linear layer. Reports `quantizer_indices`, `(B, K, L)`, and its loss.

    Args:
        dim: latent channels.
        codebook_size: codes of each stage.
        num_quantizers: stages; 1 is plain SimVQ.
        frozen_codebook_dim: width of the frozen codes; None means `dim`.
        rotation_trick: pass gradients by rotation instead of copying.
        input_to_quantize_commit_loss_weight: weight of the pull on the encoder, relative to that on the codes.
        commitment_weight: weight of both.
        revive_below: replace codes whose share of the frames falls below this part of an even share; 0 never does.
        use_decay: of the moving shares.
        quantize_dropout: train with a random number of stages.
        quantize_dropout_cutoff_index: first stage that may be dropped.
        quantize_dropout_multiple_of: the number of stages kept is a multiple of this.
    """

    losses: tuple[LossTerm, ...] = (QUANTIZER,)
    info_keys = ("quantizer_indices",)
    is_residual = True

    # `layers` is vector-quantize-pytorch's name, so that its weights load.
    def __init__(
        self,
        dim: int,
        codebook_size: int,
        num_quantizers: int = 1,
        frozen_codebook_dim: int | None = None,
        rotation_trick: bool = True,
        input_to_quantize_commit_loss_weight: float = 0.25,
        commitment_weight: float = 1.0,
        revive_below: float = 0.0,
        use_decay: float = 0.9,
        quantize_dropout: bool = False,
        quantize_dropout_cutoff_index: int = 0,
        quantize_dropout_multiple_of: int = 1,
    ) -> None:
        super().__init__(num_quantizers, codebook_size)
        self.dropout = StageDropout(
            num_quantizers, quantize_dropout, quantize_dropout_cutoff_index, quantize_dropout_multiple_of
        )
        self.layers = nn.ModuleList(
            SimVectorQuantizer(
                dim,
                codebook_size,
                frozen_codebook_dim,
                rotation_trick,
                input_to_quantize_commit_loss_weight,
                commitment_weight,
                revive_below,
                use_decay,
                index,
            )
            for index in range(num_quantizers)
        )

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, K, L)`, exactly `n_quantizers` where it is given."""
        count = self.dropout.count(n_quantizers, self.training, x, generator)
        result = residual(x.transpose(1, 2).float(), [partial(layer, mask=mask) for layer in self.layers], count)
        info = {"quantizer_indices": result.codes.transpose(1, 2), "quantizer_loss": result.loss}
        return result.latents.transpose(1, 2).to(x.dtype), info

    def _dequantize(self, tokens: Tensor) -> Tensor:
        looked_up = [layer.lookup(codes) for layer, codes in zip(self.layers, tokens.unbind(1), strict=False)]  # type: ignore[operator]
        total = torch.zeros_like(looked_up[0])
        for codes in looked_up:
            total = total + codes
        return total.transpose(1, 2)


@build_bottleneck.register
def _(config: SimVQBottleneckConfig) -> SimVQBottleneck:
    return SimVQBottleneck(**options(config))
