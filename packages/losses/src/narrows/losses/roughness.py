"""How fast latents change from frame to frame.

A diffusion model makes the slow parts of a signal first and the fast ones last, with the least signal to go by; what an
autoencoder hides in the upper half of its latents' spectrum is therefore what a model gets wrong (Skorokhodov et al.
2025, arXiv 2502.14831, who regularise the spectra of images).

Letters: B batch, D latent channels, L latent frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.losses.base import Info, LossModule, lookup
from narrows.losses.distances import masked_mean


class RoughnessLoss(LossModule):
    """Energy of the differences of neighbouring frames, as a share of that of white noise.

    It is 0 for latents that stay, 1 for white noise and 2 for latents that alternate, whatever their scale: each
    frequency counts by 1 - cos(omega).

    Args:
        weight: factor.
        decay: factor of the weight at every step.
    """

    def __init__(self, weight: float = 1.0, decay: float = 1.0) -> None:
        super().__init__("roughness_loss", weight, decay)

    def value(self, info: Info) -> Tensor:
        """The share, of `latents` `(B, D, L)`; frames at which `frame_mask` `(B, L)` is false do not count."""
        return roughness(lookup(info, "latents"), info.get("frame_mask"))


def roughness(latents: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean square of differences over twice the variance, a scalar; 0 for a single frame.

    Args:
        latents: `(B, D, L)`.
        mask: `(B, L)`, true where frames count.
    """
    if latents.shape[-1] < 2:
        return latents.real.sum() * 0
    if mask is None:
        mask = torch.ones(latents.shape[0], latents.shape[-1], dtype=torch.bool, device=latents.device)
    square = (latents.diff(dim=-1).abs() ** 2).float()
    count = (mask.sum() * latents.shape[1]).clamp(min=1)
    # A mean over the items as well: silence, which has no variance of its own, would count for nothing or everything.
    centred = latents - (latents * mask[:, None]).sum(dim=(0, 2), keepdim=True) * latents.shape[1] / count
    variance = masked_mean((centred.abs() ** 2).float(), mask)
    return masked_mean(square, mask[:, 1:] & mask[:, :-1]) / (2 * variance).clamp(min=1e-12)
