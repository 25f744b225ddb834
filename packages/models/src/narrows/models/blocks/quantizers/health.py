"""How well codebooks are used."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class CodebookHealth(NamedTuple):
    """Figures of each codebook, `(K,)`, in float64 where they are no counts."""

    usage: Tensor
    """Share of the codes that occur."""
    perplexity: Tensor
    """Codes that would be in use if all used ones were equally frequent: from 1 to the codebook's size."""
    dead_codes: Tensor
    """Codes that do not occur, int64."""
    entropy_bits: Tensor
    """Bits that a token carries; log2 of the perplexity."""


def codebook_health(tokens: Tensor, codebook_size: int) -> CodebookHealth:
    """Usage of codebooks, over all the tokens given.

    Args:
        tokens: `(B, K, L)`, the uniform layout of `DiscreteBottleneck.tokens`; concatenate batches along L or B.
        codebook_size: values a token can take.
    """
    return health_of_counts(count_codes(tokens, codebook_size))


def health_of_counts(counts: Tensor, codebook_size: int | None = None) -> CodebookHealth:
    """Usage of codebooks, from how often each code occurred.

    Args:
        counts: `(K, N)`; codes that do not occur may be left out.
        codebook_size: None for N.
    """
    counts, codebook_size = counts.double(), codebook_size or counts.shape[1]
    share = counts / counts.sum(1, keepdim=True).clamp(min=1)
    nats = -(share * share.clamp(min=torch.finfo(share.dtype).tiny).log()).sum(1)
    used = (counts > 0).sum(1)
    return CodebookHealth(
        used.double() / codebook_size,
        nats.exp(),
        codebook_size - used,
        nats / math.log(2),
    )


def count_codes(tokens: Tensor, codebook_size: int) -> Tensor:
    """How often each code occurs: `(B, K, L)` → `(K, codebook_size)`, int64; counts of batches can be added."""
    rows = tokens.transpose(0, 1).flatten(1)
    return torch.stack([torch.bincount(row, minlength=codebook_size) for row in rows])
