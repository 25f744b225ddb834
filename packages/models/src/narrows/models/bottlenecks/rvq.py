"""Residual vector quantization (Zeghidour et al. 2021, arXiv 2107.03312)."""

from __future__ import annotations

from typing import Any

from torch import Generator, Tensor

from narrows.configs import RVQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.residual import Quantized
from narrows.models.blocks.quantizers.rvq import ResidualVectorQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info

QUANTIZER = LossTerm("quantizer_loss", 1.0, "quantizer")


class RVQBottleneck(DiscreteBottleneck):
    """Quantizes each latent frame by a sum of codes. Reports `quantizer_indices` and `quantizer_loss`.

    Args:
        dim: latent channels.
        codebook_size: codes of each stage.
        num_quantizers: stages.
        decay: of the moving averages.
        kmeans_init: start the codebooks from k-means of the first training batch.
        kmeans_iters: its iterations.
        threshold_ema_dead_code: codes whose moving count falls below are replaced; 0 switches it off.
        codebook_dim: width in which codes are searched.
        shared_codebook: one codebook for all stages.
        quantize_dropout: train with a random number of stages.
        quantize_dropout_cutoff_index: first stage that may be dropped.
        quantize_dropout_multiple_of: the number of stages kept is a multiple of this.
        eps: floor of the smoothed counts.
        freeze_codebook: stop all updates.
        sync_codebook: sum the moving averages over all processes.
        sync_kmeans: run the k-means over all processes.
        distributed_replace_codes: take replacements from the first process.
        use_cosine_sim: search by direction.
        commitment_weight: weight of the commitment term.
        commitment_use_cross_entropy_loss: commitment by cross entropy.
        orthogonal_reg_weight: weight of the orthogonality term.
        orthogonal_reg_active_codes_only: only codes of the batch.
        orthogonal_reg_max_codes: at most so many.
        codebook_diversity_loss_weight: weight of the diversity term.
        codebook_diversity_temperature: its sharpness.
        stochastic_sample_codes: sample codes in training.
        sample_codebook_temp: temperature of the sampling.
        learnable_codebook: train the codes by gradient.
        ema_update: update the codes by moving averages.
        rotation_trick: pass gradients by rotation (Fifty et al. 2024).
    """

    losses: tuple[LossTerm, ...] = (QUANTIZER,)
    info_keys = ("quantizer_indices",)
    frames_first = True
    is_residual = True

    def __init__(
        self,
        dim: int = 128,
        codebook_size: int = 1024,
        num_quantizers: int = 8,
        decay: float = 0.99,
        kmeans_init: bool = True,
        kmeans_iters: int = 50,
        threshold_ema_dead_code: float = 2,
        codebook_dim: int | None = None,
        shared_codebook: bool = False,
        quantize_dropout: bool = False,
        quantize_dropout_cutoff_index: int = 0,
        quantize_dropout_multiple_of: int = 1,
        eps: float = 1e-5,
        freeze_codebook: bool = False,
        sync_codebook: bool = True,
        sync_kmeans: bool = True,
        distributed_replace_codes: bool = True,
        use_cosine_sim: bool = False,
        commitment_weight: float = 1.0,
        commitment_use_cross_entropy_loss: bool = False,
        orthogonal_reg_weight: float = 0.0,
        orthogonal_reg_active_codes_only: bool = False,
        orthogonal_reg_max_codes: int | None = None,
        codebook_diversity_loss_weight: float = 0.0,
        codebook_diversity_temperature: float = 100.0,
        stochastic_sample_codes: bool = False,
        sample_codebook_temp: float = 1.0,
        learnable_codebook: bool = False,
        ema_update: bool = True,
        rotation_trick: bool = False,
    ) -> None:
        super().__init__(num_quantizers, codebook_size)
        codebook: dict[str, Any] = {
            "cosine": use_cosine_sim,
            "decay": decay,
            "eps": eps,
            "ema": ema_update,
            "trainable": learnable_codebook or orthogonal_reg_weight > 0,
            "kmeans_iterations": kmeans_iters if kmeans_init else None,
            "dead_below": threshold_ema_dead_code,
            "sync": sync_codebook,
            "sync_kmeans": sync_kmeans,
            "sync_replacements": distributed_replace_codes,
        }
        vector: dict[str, Any] = {
            "commitment_weight": commitment_weight,
            "commitment_use_cross_entropy_loss": commitment_use_cross_entropy_loss,
            "orthogonal_reg_weight": orthogonal_reg_weight,
            "orthogonal_reg_active_codes_only": orthogonal_reg_active_codes_only,
            "orthogonal_reg_max_codes": orthogonal_reg_max_codes,
            "codebook_diversity_loss_weight": codebook_diversity_loss_weight,
            "codebook_diversity_temperature": codebook_diversity_temperature,
            "stochastic_sample_codes": stochastic_sample_codes,
            "sample_codebook_temp": sample_codebook_temp,
            "freeze_codebook": freeze_codebook,
            "learnable_codebook": learnable_codebook,
            "rotation_trick": rotation_trick,
        }
        self.quantizer = ResidualVectorQuantizer(
            dim,
            codebook_size,
            num_quantizers,
            codebook_dim,
            shared_codebook,
            quantize_dropout,
            quantize_dropout_cutoff_index,
            quantize_dropout_multiple_of,
            codebook,
            vector,
        )

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, L, K)`, exactly `n_quantizers` of them where it is given."""
        return report(self.quantizer(x.transpose(1, 2), n_quantizers, mask, generator))

    def _dequantize(self, tokens: Tensor) -> Tensor:
        return self.quantizer.dequantize(tokens.transpose(1, 2)).transpose(1, 2)


def report(quantized: Quantized) -> tuple[Tensor, Info]:
    """Latents `(B, D, L)` and info of a quantizer's result."""
    info = {"quantizer_indices": quantized.codes, "quantizer_loss": quantized.loss}
    return quantized.latents.transpose(1, 2), info


@build_bottleneck.register
def _(config: RVQBottleneckConfig) -> RVQBottleneck:
    return RVQBottleneck(**options(config))
