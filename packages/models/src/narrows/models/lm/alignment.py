"""Sequences of a batch of clips, and logits aligned with their codes again.

Letters: B batch, K codebooks, T frames, S steps, V tokens that a head tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.models.lm.patterns import Layout, Pattern

Network = Callable[[Tensor], Tensor]
"""From a sequence `(B, K, S)` to logits `(B, K, S, V)` of the steps behind."""


def aligned_logits(network: Network, pattern: Pattern, codes: Tensor, special: int) -> tuple[Tensor, Tensor]:
    """Logits of codes from the steps before them.

    Args:
        network: predicts the next step.
        pattern: order of the tokens.
        codes: `(B, K, T)`.
        special: token of places without one.

    Returns:
        Logits `(B, K, T, V)`, zero where there is no prediction, and where there is one `(B, K, T)`.
    """
    layout = pattern.layout(codes.shape[-1])
    sequence, _, _ = layout.build(codes, special, valid_only=True)
    logits, mask = _revert(network(sequence), layout)
    return logits, mask.expand(len(codes), -1, -1)


def aligned_logits_of_lengths(
    network: Network, pattern: Pattern, codes: Tensor, special: int, lengths: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """As `aligned_logits`, for clips of several lengths in one batch.

    Each clip has the sequence that it has alone, with the special token behind it: so padding changes neither a logit
    nor which codes are predicted, whatever the pattern.

    Args:
        network: predicts the next step.
        pattern: order of the tokens.
        codes: `(B, K, T)`; those from an item's length on do not count.
        special: token of places without one.
        lengths: frames of each item, 1 to T.
    """
    layouts = [pattern.layout(length) for length in lengths]
    sequences = [
        layout.build(item[None, :, :length], special, valid_only=True)[0]
        for layout, item, length in zip(layouts, codes, lengths, strict=True)
    ]
    steps = max(sequence.shape[-1] for sequence in sequences)
    batch = torch.cat([F.pad(s, (0, steps - s.shape[-1]), value=special) for s in sequences])
    parts = []
    for item, layout, sequence in zip(network(batch), layouts, sequences, strict=True):
        logits, mask = _revert(item[None, :, : sequence.shape[-1]], layout)
        missing = codes.shape[-1] - layout.length
        parts.append((F.pad(logits, (0, 0, 0, missing)), F.pad(mask[None], (0, missing))))
    return torch.cat([logits for logits, _ in parts]), torch.cat([mask for _, mask in parts])


def _revert(logits: Tensor, layout: Layout) -> tuple[Tensor, Tensor]:
    """Logits `(B, K, S, V)` aligned with the codes `(B, K, T, V)`, and which are predicted `(K, T)`."""
    indexes, mask = layout.predictions(logits.shape[2], logits.device)
    chosen = torch.unflatten(logits.flatten(1, 2).index_select(1, indexes.flatten()), 1, indexes.shape)
    return chosen.masked_fill(~mask[..., None], 0.0), mask
