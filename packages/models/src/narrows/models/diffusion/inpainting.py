"""What an inpainting model is told: which frames are kept, and what is in them.

Letters: B batch, D channels that are diffused, L frames of them, T samples.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

MASK_ID = "inpaint_mask"
MASKED_INPUT_ID = "inpaint_masked_input"
IDS = (MASK_ID, MASKED_INPUT_ID)
"""Ids of the conditions that inpainting brings; no conditioner gives them."""


def inpainting_conditions(latents: Tensor, mask: Tensor) -> dict[str, tuple[Tensor, None]]:
    """The conditions of inpainting, to be joined with those of conditioners.

    Args:
        latents: `(B, D, L)`.
        mask: `(B, 1, L)`, `(B, L)` or `(L,)`: 1 keeps a frame, 0 is to be inpainted.

    Returns:
        By id: `(B, 1, L)` and `(B, D, L)`, the latents with zeros where something is to be inpainted.

    Raises:
        ValueError: the mask does not fit the latents.
    """
    whole = mask.reshape(1, 1, -1) if mask.dim() == 1 else mask.unsqueeze(1) if mask.dim() == 2 else mask
    if whole.dim() != 3 or whole.shape[1] != 1 or whole.shape[-1] != latents.shape[-1]:
        raise ValueError(f"mask must have one channel of {latents.shape[-1]} frames, got {tuple(mask.shape)}")
    if len(whole) not in (1, len(latents)):
        raise ValueError(f"mask must be for one item or for all {len(latents)}, got {len(whole)}")
    kept = whole.to(latents).expand(len(latents), -1, -1)
    return {MASK_ID: (kept, None), MASKED_INPUT_ID: (latents * kept, None)}


def frames_mask(mask: Tensor, frames: int) -> Tensor:
    """A mask of samples as one of latent frames, by nearest neighbour as in the reference.

    Args:
        mask: `(B, T)` or `(T,)`, 1 keeps.
        frames: latent frames, L.

    Returns:
        `(B, 1, L)`, float32.
    """
    samples = mask.reshape(-1, mask.shape[-1]).float()[:, None]
    return F.interpolate(samples, frames, mode="nearest")
