"""Shorter batches: those of a share of the steps end where a random item ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from narrows.training.data_iterator import Batch
from narrows.training.generative.draws import StepDraws
from narrows.training.generative.stored import frame_lengths
from narrows.training.masks import padding_mask

SHORTEST = 128
"""Latent frames that a batch keeps at least, as in stable-audio-tools."""


def trimmed(
    batch: Batch, share: float, draws: StepDraws, reduce: Callable[[Tensor], Tensor], ratio: int, multiple: int
) -> Batch:
    """The batch, or the part of it up to the end of a random item; the same in all processes, which all call it.

    Args:
        batch: signal `(B, C, T)` and metadata.
        share: of the batches that are shortened.
        draws: of the step.
        reduce: sums a tensor over all processes.
        ratio: samples a frame; 1 for latents.
        multiple: frames are a multiple of it.
    """
    if share <= 0 or float(torch.rand((), generator=draws.shared("trim"))) >= share:
        return batch
    signal, metadata = batch
    whole = -(-signal.shape[-1] // ratio)
    lengths = frame_lengths(metadata, signal.shape[-1], ratio)
    total = len(signal) * draws.world_size
    place = int(torch.randint(total, (), generator=draws.shared("trimmed to")))
    mine = place % draws.world_size == draws.rank
    own = whole if lengths is None else int(lengths[place // draws.world_size])
    wanted = int(reduce(torch.tensor(float(own if mine else 0), device=signal.device)))
    frames = max(wanted, SHORTEST)
    samples = (frames + -frames % multiple) * ratio
    return signal[..., :samples], _cut(metadata, samples, signal.shape[-1])


def _cut(metadata: Any, samples: int, before: int) -> Any:
    mask = padding_mask(metadata, before)
    if mask is None or samples >= before:
        return metadata
    return [{**item, "padding_mask": row[:samples]} for item, row in zip(metadata, mask, strict=True)]
