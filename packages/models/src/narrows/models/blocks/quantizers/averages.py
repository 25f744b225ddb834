"""Codes as moving averages of the frames that choose them (van den Oord et al. 2017, arXiv 1711.00937, appendix A)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from narrows.models.blocks.quantizers.statistics import assigned, in_float32


class CodeAverages(nn.Module):
    """Moves codes `(N, E)`, which belong to someone else, to what is assigned to them.

    Args:
        size: number of codes (N).
        dim: width of a code (E).
        decay: of the moving averages, a training step.
    """

    # The buffer names are part of the checkpoint format.
    def __init__(self, size: int, dim: int, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.counts: Tensor
        self.sums: Tensor
        self.register_buffer("counts", torch.zeros(size))
        self.register_buffer("sums", torch.zeros(size, dim))

    def _apply(self, fn: Any, recurse: bool = True) -> CodeAverages:
        """Move or convert the module; the averages stay float32 where it becomes 16 bit."""
        in_float32(self, ("counts", "sums"), lambda: super(CodeAverages, self)._apply(fn, recurse))  # type: ignore[no-untyped-call]
        return self

    @torch.no_grad()
    def restart(self, which: Tensor) -> None:
        """Forget what chose some of the codes, as they have been replaced."""
        self.counts[which] = 0

    @torch.no_grad()
    def update(self, codes: Tensor, rows: Tensor, chosen: Tensor) -> None:
        """Move the codes, in place, to the mean of the rows `(R, E)` of this and earlier batches that chose them.

        A code that no row of a batch chose stays where it is, and a new one counts as chosen by an even share.
        """
        counts, sums = assigned(rows, chosen, len(codes))
        # Choices among all codes, not of some: a GPU need not be waited for.
        new = self.counts == 0
        before = torch.where(new, torch.clamp(counts.mean(), min=1.0), self.counts)
        self.sums.copy_(torch.where(new[:, None], codes.float() * before[:, None], self.sums))
        self.counts.copy_(before)
        self.counts.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(sums, 1 - self.decay)
        # Long after a code was last chosen its count rounds to nothing.
        alive = self.counts > torch.finfo(torch.float32).tiny
        codes.copy_(torch.where(alive[:, None], self.sums / self.counts[:, None], codes.float()))
