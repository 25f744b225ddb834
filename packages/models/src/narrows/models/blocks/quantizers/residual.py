"""Residual quantization (Gray 1984; Zeghidour et al. 2021): each stage quantizes what the stages before left over."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from narrows.models.blocks.draws import integers
from narrows.models.blocks.quantizers.ranks import same_on_all_ranks

Stage = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]
"""From a residual `(B, L, D)` to its code `(B, L, D)`, index `(B, L)` and loss."""


class Quantized(NamedTuple):
    """What a quantizer made of latents."""

    latents: Tensor
    """`(B, L, D)`"""
    codes: Tensor
    """`(B, L, K)`, int64"""
    loss: Tensor
    """The mean over all stages, used or not."""


def residual(x: Tensor, stages: Sequence[Stage], count: int) -> Quantized:
    """Quantize `(B, L, D)` with the first stages.

    Args:
        x: vectors.
        stages: all stages; the loss is averaged over them.
        count: how many to use.
    """
    total, left = torch.zeros_like(x), x
    codes, losses = [], []
    for stage in stages[:count]:
        quantized, indices, loss = stage(left)
        left = left - quantized.detach()
        total = total + quantized
        codes.append(indices)
        losses.append(loss)
    return Quantized(total, torch.stack(codes, dim=-1), torch.stack(losses).sum() / len(stages))


class StageDropout:
    """Training with a random number of stages, so that fewer codes decode too (SoundStream's quantizer dropout).

    Dropped stages report no codes at all, so that every reported code is one that can be decoded.

    Args:
        stages: number of stages.
        active: whether to drop at all.
        cutoff: the first stage that may be dropped is the one after this index.
        multiple_of: the number of stages kept is rounded up to a multiple of this.
    """

    def __init__(self, stages: int, active: bool = False, cutoff: int = 0, multiple_of: int = 1) -> None:
        self.stages, self.active, self.cutoff, self.multiple_of = stages, active and stages > 1, cutoff, multiple_of

    def count(self, wanted: int | None, training: bool, x: Tensor, generator: Generator | None) -> int:
        """How many stages to use: those asked for, else in training a random number, else all.

        Every process draws the same number: their codebooks sum statistics stage by stage.
        """
        if wanted is not None:
            if not 1 <= wanted <= self.stages:
                raise ValueError(f"n_quantizers must be from 1 to {self.stages}, got {wanted}")
            return wanted
        if not (training and self.active):
            return self.stages
        drawn = integers(self.cutoff, self.stages, 1, x, generator)
        kept = int(same_on_all_ranks(drawn)) + 1
        return min(self.stages, math.ceil(kept / self.multiple_of) * self.multiple_of)
