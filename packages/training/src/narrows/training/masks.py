"""Masks of batches whose clips differ in length: padding must not count.

Padding is set to silence before the model sees a batch, and in the model's output, so that its values can reach no
loss, gradient or codebook. Means of waveform distances and of the bottleneck's losses are taken over valid samples.
Spectral losses and discriminators see silence on both sides, which adds nothing but counts in their means.

Letters: B batch, C channels, T samples, L latent frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def padding_mask(metadata: Sequence[Mapping[str, Any]], length: int) -> Tensor | None:
    """Mask `(B, T)` of a batch, true where it is signal; None when nothing was padded.

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
    """Mask of latent frames, true where they hold any signal: `(B, T)` → `(B, ceil(T / ratio))`.

    Args:
        mask: of samples.
        ratio: samples a frame.
    """
    padded = F.pad(mask, (0, -mask.shape[-1] % ratio))
    return padded.reshape(len(padded), -1, ratio).any(-1)


def silenced(audio: Tensor, mask: Tensor | None) -> Tensor:
    """A signal `(B, C, T)` with zeros where the mask `(B, T)` is false, also in place of NaN."""
    return audio if mask is None else audio.masked_fill(~mask[:, None, : audio.shape[-1]], 0)
