"""Residual vector quantization at several rates (SNAC, Siuzdak et al. 2024, arXiv 2410.14411; snac 1.2.1)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.configs import SnacRVQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.folding import folded, unfolded
from narrows.models.blocks.quantizers.dac import CodeTraining, DACVectorQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.dac_rvq import CODEBOOK, COMMITMENT


class SnacRVQBottleneck(DiscreteBottleneck):
    """Quantizes the `fold` frames of each latent frame by a sum of codes, the first of which cover several frames.

    The tokens of a latent frame are those of the first stage in the order of time, then those of the second, and so on:
    `fold / stride` of each. Reports `codes` `(B, K, L)`, `vq/codebook_loss` and `vq/commitment_loss`.

    Args:
        input_dim: channels of each joined frame (D).
        codebook_size: codes of each stage.
        codebook_dim: channels in which codes are searched.
        strides: frames that a code of each stage covers, divisors of `fold`.
        fold: frames of a latent frame, which has `input_dim * fold` channels.
        rotation_trick: pass gradients by rotation (Fifty et al. 2024).
        linear_codebook: frozen codes behind a trained linear layer (SimVQ, Zhu et al. 2024).
        revive_below: replace codes whose share of the frames falls below this part of an even share; 0 never does.
        use_decay: of the moving shares.
        average_decay: of codes that are moving averages of the frames that choose them; 0 trains them by gradient.
    """

    losses = (CODEBOOK, COMMITMENT)
    info_keys = ("codes",)
    tokens_id = "codes"

    # `quantizer.quantizers` is part of the checkpoint format.
    def __init__(
        self,
        input_dim: int = 768,
        codebook_size: int = 4096,
        codebook_dim: int = 8,
        strides: Sequence[int] = (4, 2, 1),
        fold: int = 4,
        rotation_trick: bool = False,
        linear_codebook: bool = False,
        revive_below: float = 0.0,
        use_decay: float = 0.9,
        average_decay: float = 0.0,
    ) -> None:
        if any(fold % stride for stride in strides):
            raise ValueError(f"strides must divide fold {fold}, got {list(strides)}")
        super().__init__(sum(fold // stride for stride in strides), codebook_size)
        self.strides, self.fold = list(strides), fold
        training = CodeTraining(rotation_trick, linear_codebook, revive_below, use_decay, average_decay)
        stages = (
            DACVectorQuantizer(input_dim, codebook_size, codebook_dim, training, index) for index in range(len(strides))
        )
        self.quantizer = nn.ModuleDict({"quantizers": nn.ModuleList(stages)})

    @property
    def stages(self) -> nn.ModuleList:
        """The quantizer of each stage."""
        found = self.quantizer["quantizers"]
        assert isinstance(found, nn.ModuleList)
        return found

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D * fold, L)` → `(B, D * fold, L)`."""
        left = unfolded(x, self.fold)
        latents, codes, losses = torch.zeros_like(left), [], []
        for quantizer, stride in zip(self.stages, self.strides, strict=True):
            counted = None if mask is None else mask.repeat_interleave(self.fold // stride, dim=1)
            stage = quantizer(F.avg_pool1d(left, stride) if stride > 1 else left, counted)
            quantized = stage.quantized.repeat_interleave(stride, dim=-1)
            latents, left = latents + quantized, left - quantized
            codes.append(folded(stage.codes[:, None], self.fold // stride))
            losses.append(torch.stack([stage.commitment.mean(), stage.codebook.mean()]))
        commitment, codebook = torch.stack(losses).mean(dim=0)
        info = {"codes": torch.cat(codes, dim=1), "vq/commitment_loss": commitment, "vq/codebook_loss": codebook}
        return folded(latents, self.fold), info

    def _dequantize(self, tokens: Tensor) -> Tensor:
        counts = [self.fold // stride for stride in self.strides]
        parts = torch.split(tokens, counts, dim=1)
        total: Tensor | None = None
        for quantizer, stride, count, part in zip(self.stages, self.strides, counts, parts, strict=True):
            assert isinstance(quantizer, DACVectorQuantizer)
            latents = quantizer.dequantize(unfolded(part, count)[:, 0]).repeat_interleave(stride, dim=-1)
            total = latents if total is None else total + latents
        assert total is not None
        return folded(total, self.fold)


@build_bottleneck.register
def _(config: SnacRVQBottleneckConfig) -> SnacRVQBottleneck:
    return SnacRVQBottleneck(**options(config))
