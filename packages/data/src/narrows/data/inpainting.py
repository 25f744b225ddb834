"""Random masks for training inpainting models on latents (stable-audio-tools, Stable Audio 3)."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor

MASK_TYPES = ("random_segments", "full", "causal", "spans")
PROBABILITIES = (0.1, 0.8, 0.1)
SPAN_WEIGHTS = (4.0, 2.0, 1.0, 1.0)
PLACEMENTS = 50
"""Random places that are tried for a span before the first free one is taken."""


def random_inpaint_mask(
    sequence: Tensor,
    padding_masks: Tensor,
    max_mask_segments: int = 10,
    mask_type_probabilities: Sequence[float] | None = None,
    mask_padding: bool = False,
    force_mask_type: int | None = None,
    max_spans: int = 4,
    mask_ratio_range: Sequence[float] = (0.2, 1.0),
    span_count_weights: Sequence[float] | None = None,
    generator: random.Random | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw a mask for each sequence of a batch.

    Args:
        sequence: (B, D, L).
        padding_masks: (B, L), 1 where there is signal.
        max_mask_segments: most segments of a `random_segments` mask, which may overlap.
        mask_type_probabilities: of random segments, of masking everything (padding too), of masking all after a
            random point, and of spans, which may be left out; None for 0.1, 0.8 and 0.1.
        mask_padding: mask the padding as well, whatever the kind; for models that do not attend to it.
        force_mask_type: only this kind, counted from 0 in the order above; None draws it.
        max_spans: most spans of a `spans` mask, which do not overlap.
        mask_ratio_range: least and greatest share of the signal that spans mask.
        span_count_weights: weights of 1, 2, ... spans, the last one repeated; None for 4, 2, 1, 1.
        generator: where random numbers come from; None takes Python's own.

    Returns:
        The sequence with masked frames set to 0, and the mask `(B, 1, L)`: 1 keeps, 0 is to be inpainted.

    Raises:
        ValueError: the probabilities are not three or four that add up to 1, or there is no such kind.
    """
    kinds, weights = _kinds(mask_type_probabilities or PROBABILITIES, force_mask_type)
    draw = generator or random.Random(random.getrandbits(64))
    masks = torch.ones(len(sequence), 1, sequence.shape[-1], device=sequence.device)
    lengths = (padding_masks == 1).sum(-1).tolist()
    for mask, length in zip(masks, lengths, strict=True):
        kind = kinds[0] if len(kinds) == 1 else draw.choices(kinds, weights=weights)[0]
        if kind == "full":
            mask.zero_()
        elif length == 0:
            continue  # as in the reference, which leaves an empty item as it is
        elif kind == "random_segments":
            _mask_segments(mask, length, max_mask_segments, draw)
        elif kind == "spans":
            _mask_spans(mask, length, max_spans, mask_ratio_range, span_count_weights or SPAN_WEIGHTS, draw)
        else:
            mask[:, draw.randint(0, length) : length] = 0
        if mask_padding:
            mask[:, length:] = 0
    return sequence * masks, masks


def _kinds(probabilities: Sequence[float], forced: int | None) -> tuple[Sequence[str], Sequence[float]]:
    """The kinds to draw from, and their weights."""
    if forced is not None:
        if not 0 <= forced < len(MASK_TYPES):
            raise ValueError(
                f"force_mask_type must be 0 to {len(MASK_TYPES) - 1} ({', '.join(MASK_TYPES)}), got {forced}"
            )
        return [MASK_TYPES[forced]], [1.0]
    if len(probabilities) not in (3, 4) or abs(sum(probabilities) - 1) > 1e-5:
        raise ValueError(
            f"mask_type_probabilities must be 3 or 4 numbers ({', '.join(MASK_TYPES)}) that add up to 1, "
            f"got {list(probabilities)}"
        )
    return MASK_TYPES[: len(probabilities)], probabilities


def _mask_segments(mask: Tensor, length: int, most: int, draw: random.Random) -> None:
    """Mask up to `most` segments, which together are no longer than the signal."""
    count = draw.randint(1, most)
    for _ in range(count):
        size = draw.randint(1, max(1, length // count))
        start = draw.randint(0, length - size)
        mask[:, start : start + size] = 0


def _mask_spans(
    mask: Tensor, length: int, most: int, share: Sequence[float], weights: Sequence[float], draw: random.Random
) -> None:
    """Mask spans that together are as long as a random share of the signal, the longest placed first."""
    masked = max(1, int(draw.uniform(*share) * length))
    weights = [weights[min(index, len(weights) - 1)] for index in range(most)]
    count = min(draw.choices(range(1, most + 1), weights=weights)[0], length)
    parts = [draw.random() for _ in range(count)]
    taken: list[tuple[int, int]] = []
    for size in sorted(_sizes(parts, masked), reverse=True):
        start = _place(min(size, length), length, taken, draw)
        if start is not None:
            taken.append((start, start + min(size, length)))
            mask[:, start : start + size] = 0


def _sizes(parts: Sequence[float], total: int) -> list[int]:
    """Whole lengths in proportion to random parts, each at least 1; they add up to the total where it is not less."""
    whole = sum(parts)
    sizes = [max(1, int(part / whole * total)) for part in parts]
    missing = total - sum(sizes)
    if missing > 0:
        sizes[0] += missing
    for index, size in enumerate(sizes):
        if missing >= 0:
            break
        less = min(-missing, size - 1)
        sizes[index] -= less
        missing += less
    return sizes


def _place(size: int, length: int, taken: Sequence[tuple[int, int]], draw: random.Random) -> int | None:
    """A random start of a span that overlaps no other; else the first that there is, or None."""

    def free(start: int) -> bool:
        return not any(first < start + size and start < end for first, end in taken)

    for _ in range(PLACEMENTS):
        start = draw.randint(0, length - size)
        if free(start):
            return start
    return next((start for start in range(length - size + 1) if free(start)), None)
