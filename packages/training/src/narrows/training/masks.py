"""Masks of batches whose clips differ in length: what was padded must not count.

Before the model sees a batch, padding is set to silence, and so is what the model makes of it; so nothing that stands
there can reach a loss, a gradient or a codebook. Means are taken over what is valid: waveform distances and what the
bottleneck reports. Spectral losses and discriminators see silence on both sides, which costs nothing but counts in
their means.

Letters: B batch, C channels, T samples, L latent frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def padding_mask(metadata: Sequence[Mapping[str, Any]], length: int) -> Tensor | None:
    """Where a batch is signal: `(B, T)`, true there; None when nothing was padded.

    Args:
        metadata: of each clip; its `padding_mask` says which samples are signal. Clips without one are signal.
        length: samples (T).
    """
    masks = [torch.as_tensor(item.get("padding_mask", [True])).bool() for item in metadata]
    if all(bool(mask.all()) for mask in masks):
        return None
    whole = torch.ones(length, dtype=torch.bool)
    return torch.stack([F.pad(mask, (0, length - len(mask))) if len(mask) > 1 else whole for mask in masks])


def frame_mask(mask: Tensor, ratio: int) -> Tensor:
    """Where latent frames hold any signal: `(B, T)` → `(B, ceil(T / ratio))`.

    Args:
        mask: of samples.
        ratio: samples a frame.
    """
    padded = F.pad(mask, (0, -mask.shape[-1] % ratio))
    return padded.reshape(len(padded), -1, ratio).any(-1)


def silenced(audio: Tensor, mask: Tensor | None) -> Tensor:
    """A signal `(B, C, T)` with zeros where the mask `(B, T)` is false, whatever stood there."""
    return audio if mask is None else audio.masked_fill(~mask[:, None, : audio.shape[-1]], 0)
