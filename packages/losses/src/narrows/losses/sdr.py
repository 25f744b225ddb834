"""Signal-to-distortion ratios as losses (Le Roux et al. 2019, arXiv 1811.02508)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn


class SISDRLoss(nn.Module):
    """Negative scale-invariant signal-to-distortion ratio in dB.

    Args:
        zero_mean: remove the mean of both signals first.
        eps: floor of energies and of the ratio.
        reduction: `mean`, `sum` or `none`.

    Shape:
        input and target `(..., T)` → scalar, or `(...)` without reduction
    """

    scale_invariant = True

    def __init__(
        self, zero_mean: bool = True, eps: float = 1e-8, reduction: Literal["mean", "sum", "none"] = "mean"
    ) -> None:
        super().__init__()
        self.zero_mean, self.eps, self.reduction = zero_mean, eps, reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare two signals."""
        if self.zero_mean:
            input, target = (x - x.mean(-1, keepdim=True) for x in (input, target))
        alpha = (input * target).sum(-1, keepdim=True) / (target.square().sum(-1, keepdim=True) + self.eps)
        scaled = alpha * target
        residual = input - (scaled if self.scale_invariant else target)
        ratio = scaled.square().sum(-1) / (residual.square().sum(-1) + self.eps)
        loss = -10 * torch.log10(ratio + self.eps)
        if self.reduction == "none":
            return loss
        return loss.mean() if self.reduction == "mean" else loss.sum()


class SDSDRLoss(SISDRLoss):
    """Negative scale-dependent signal-to-distortion ratio in dB: a wrong level counts as distortion."""

    scale_invariant = False
