"""How well codebooks are used, and what their tokens cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class CodebookUse:
    """Use of one codebook."""

    size: int
    """Entries."""
    used: float
    """Share of the entries that occur, 0 to 1."""
    entropy: float
    """Bits a token, if coded ideally."""

    @property
    def perplexity(self) -> float:
        """Entries that would give this entropy if all were as frequent: `size` at best."""
        return math.pow(2.0, self.entropy)


def codebook_use(codes: Tensor, codebook_size: int) -> list[CodebookUse]:
    """Use of every codebook.

    Args:
        codes: `(B, K, L)` integers, K codebooks.
        codebook_size: entries of each.
    """
    if codes.dim() != 3 or codes.is_floating_point():
        raise ValueError(f"Codes are integers (batch, codebooks, frames), got {codes.dtype} {tuple(codes.shape)}")
    if codes.numel() and not 0 <= int(codes.min()) <= int(codes.max()) < codebook_size:
        raise ValueError(f"Codes from {int(codes.min())} to {int(codes.max())} for a codebook of {codebook_size}")
    return [_use(row, codebook_size) for row in codes.transpose(0, 1).flatten(1)]


def _use(codes: Tensor, size: int) -> CodebookUse:
    counts = torch.bincount(codes, minlength=size).double()
    share = counts[counts > 0] / counts.sum().clamp(min=1)
    return CodebookUse(size, len(share) / size, float(-(share * share.log2()).sum().clamp(max=0)))


def nominal_bitrate(codebook_size: int, codebooks: int, frame_rate: float) -> float:
    """Bits a second if every token costs the same.

    Args:
        codebook_size: entries of each codebook.
        codebooks: tokens a frame.
        frame_rate: latent frames a second.
    """
    return codebooks * math.log2(codebook_size) * frame_rate


def entropy_bitrate(codes: Tensor, codebook_size: int, frame_rate: float) -> float:
    """Bits a second if each codebook's tokens are coded ideally by their frequencies.

    Args:
        codes: `(B, K, L)` integers, K codebooks.
        codebook_size: entries of each.
        frame_rate: latent frames a second.
    """
    return frame_rate * sum(use.entropy for use in codebook_use(codes, codebook_size))
