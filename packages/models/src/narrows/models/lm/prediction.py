"""What a network predicts of codes of several lengths, and which of the predictions count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from narrows.models.lm.alignment import aligned_logits, aligned_logits_of_lengths
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.hidden import Lengths


def predict_codes(
    lm: Any, codes: Tensor, conditions: Conditions, lengths: Lengths = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Predict each of the codes from the steps before it.

    Args:
        lm: the network.
        codes: `(B, K, T)`, int64, each a token that the network knows.
        conditions: those of the items.
        lengths: frames of each item `(B,)`; None for T.

    Returns:
        Finite logits `(B, K, T, V)`, a mask `(B, K, T)` of the codes that are predicted, and the targets `(B, K, T)`,
        with the end token where that is taught.

    Raises:
        LanguageModelError: the lengths do not fit the codes.
    """

    def network(sequence: Tensor) -> Tensor:
        logits: Tensor = lm(sequence, conditions)
        return logits

    if lengths is None:
        return *aligned_logits(network, lm.pattern, codes, lm.special), codes
    frames = codes.shape[-1]
    counts = check_lengths(lengths, len(codes), frames)
    behind = torch.arange(frames, device=codes.device) >= torch.tensor(counts, device=codes.device)[:, None]
    targets = codes.masked_fill(behind[:, None], lm.special)
    held = [min(count + lm.end_token, frames) for count in counts]
    logits, mask = aligned_logits_of_lengths(network, lm.pattern, targets, lm.special, held)
    mask = mask & ~behind[:, None]
    if lm.end_token:
        ends = torch.arange(frames, device=codes.device) == torch.tensor(counts, device=codes.device)[:, None]
        mask = torch.cat((mask[:, :1] | ends[:, None], mask[:, 1:]), dim=1)
    return logits, mask, targets


def prediction_counts(lm: Any, batch: int, frames: int, lengths: Lengths = None) -> Tensor:
    """How many tokens `predict_codes` predicts of each codebook: `(K,)`, known before the network runs.

    Args:
        lm: the network.
        batch: items (B).
        frames: T.
        lengths: frames of each item `(B,)`; None for T.
    """
    if lengths is None:
        return _predicted(lm, frames, frames) * batch
    counts = check_lengths(lengths, batch, frames)
    each = [_predicted(lm, min(count + lm.end_token, frames), count) for count in counts]
    total = torch.stack(each).sum(0)
    if lm.end_token:
        total[0] += sum(count < frames for count in counts)
    return total


def _predicted(lm: Any, held: int, count: int) -> Tensor:
    """Tokens of each codebook `(K,)` that are predicted among the first `count` frames of a layout of `held`."""
    layout = lm.pattern.layout(held)
    mask: Tensor = layout.predictions(layout.valid_steps, torch.device("cpu"))[1]
    return mask[:, :count].sum(1)


def expand_mask(mask: Tensor, codes: Tensor, lengths: Lengths = None, end_token: bool = False) -> Tensor:
    """A mask `(B, K, T)` of one of `(B, T)` or `(B, K, T)`; with an end token, it counts as the last frame of its item.

    Raises:
        LanguageModelError: the mask does not fit the codes.
    """
    mask = (mask[:, None] if mask.dim() == 2 else mask).bool()
    try:
        counted = mask.expand_as(codes)
    except RuntimeError as error:
        raise LanguageModelError(
            f"mask must be of shape (batch, frames) or (batch, codebooks, frames) like the codes "
            f"{tuple(codes.shape)}, got {tuple(mask.shape)}"
        ) from error
    if lengths is None or not end_token:
        return counted
    end = torch.zeros_like(counted)
    for item, count in enumerate(check_lengths(lengths, len(codes), codes.shape[-1])):
        if count < codes.shape[-1]:
            end[item, 0, count] = counted[item, 0, count - 1]
    return counted | end


def check_lengths(lengths: Tensor | Sequence[int], batch: int, frames: int) -> list[int]:
    """Lengths as numbers.

    Raises:
        LanguageModelError: they are not one for each item, each from 1 to `frames`.
    """
    counts = [int(n) for n in (lengths.tolist() if isinstance(lengths, Tensor) else lengths)]
    if len(counts) != batch or not all(1 <= n <= frames for n in counts):
        raise LanguageModelError(f"lengths must be {batch} numbers from 1 to {frames}, got {counts}")
    return counts
