"""Residual vector quantization of groups of channels side by side (HiFi-Codec, Yang et al. 2023, arXiv 2305.02765)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor, nn

from narrows.configs import GroupedRVQBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.rvq import QUANTIZER, RVQBottleneck


class GroupedRVQBottleneck(DiscreteBottleneck):
    """Splits the channels into groups and quantizes each by stages of its own.

    The codebooks are in the order of refinement: the first stage of every group, then the second of every group.
    Reports `quantizer_indices`, `(B, K, L)` with K = groups x stages, and `quantizer_loss`.

    Args:
        dim: latent channels.
        groups: groups; divides `dim`.
        num_quantizers: stages of each group.
        rvq: further options of `RVQBottleneck`, for every group.
    """

    losses: tuple[LossTerm, ...] = (QUANTIZER,)
    info_keys = ("quantizer_indices",)
    is_residual = True

    def __init__(self, dim: int = 128, groups: int = 2, num_quantizers: int = 8, **rvq: Any) -> None:
        if dim % groups:
            raise ValueError(f"dim {dim} cannot be split into {groups} groups of equal width")
        parts = [RVQBottleneck(dim=dim // groups, num_quantizers=num_quantizers, **rvq) for _ in range(groups)]
        super().__init__(groups * num_quantizers, parts[0].codebook_size)
        self.groups = groups
        self.rvqs = nn.ModuleList(part.quantizer for part in parts)

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; `n_quantizers` is a multiple of the groups: so many codebooks of all groups."""
        if n_quantizers is not None and n_quantizers % self.groups:
            raise ValueError(f"n_quantizers must be a multiple of the {self.groups} groups, got {n_quantizers}")
        stages = None if n_quantizers is None else n_quantizers // self.groups
        if stages is None:
            # One draw for all groups: every frame has as many codes in each.
            stages = self.rvqs[0].dropout.count(None, self.training, x, generator)  # type: ignore[union-attr, operator]
        parts = x.transpose(1, 2).chunk(self.groups, dim=-1)
        results = [rvq(part, stages, mask, generator) for rvq, part in zip(self.rvqs, parts, strict=True)]
        codes = torch.stack([result.codes for result in results], dim=-1).flatten(2)
        loss = torch.stack([result.loss for result in results]).mean()
        latents = torch.cat([result.latents for result in results], dim=-1).transpose(1, 2)
        return latents, {"quantizer_indices": codes.transpose(1, 2), "quantizer_loss": loss}

    def _dequantize(self, tokens: Tensor) -> Tensor:
        if tokens.shape[1] % self.groups:
            raise ValueError(f"Tokens must have a multiple of {self.groups} codebooks, got {tokens.shape[1]}")
        parts = [
            rvq.dequantize(tokens[:, group :: self.groups].transpose(1, 2))  # type: ignore[operator]
            for group, rvq in enumerate(self.rvqs)
        ]
        return torch.cat(parts, dim=-1).transpose(1, 2)


@build_bottleneck.register
def _(config: GroupedRVQBottleneckConfig) -> GroupedRVQBottleneck:
    return GroupedRVQBottleneck(**options(config))
