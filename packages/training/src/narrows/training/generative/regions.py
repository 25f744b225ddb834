"""Which frames of a batch the loss of a diffusion is of.

Letters: B batch, L latent frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from narrows.losses.diffusion import Regions


@dataclass(frozen=True)
class RegionRules:
    """How padding and the context of inpainting count."""

    masked_attention: bool
    """The network sees no padding, so that nothing is learnt of it."""
    padding_apart: bool
    """Padding counts by the weight of the context, as in Stable Audio 3, rather than as signal."""
    other_weight: float
    """Weight of what is not generated."""
    by_item: bool
    """Every item counts alike (Stable Audio 3), rather than every frame."""

    def regions(self, valid: Tensor, hole: Tensor | None, mask_padding: bool) -> Regions:
        """Regions of a batch.

        Args:
            valid: `(B, L)`, true for signal.
            hole: `(B, L)`, true for what is generated; None for everything.
            mask_padding: leave padding out.
        """
        generated = torch.ones_like(valid) if hole is None else hole
        if self.masked_attention:
            return Regions(valid & generated, valid & ~generated, self.other_weight, apart=True)
        if self.padding_apart:
            main = valid & generated
            other = valid & ~generated if mask_padding else ~main
            return Regions(main, other, self.other_weight)
        inside = valid if mask_padding else torch.ones_like(valid)
        return Regions(inside & generated, inside & ~generated, self.other_weight)

    def counts(self, regions: Regions) -> Tensor:
        """How much each item counts in the mean of a batch, `(B,)`."""
        return torch.ones(len(regions.main)) if self.by_item else regions.weights.sum(1).cpu()
