"""Random masks for training inpainting models on latents."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor

MASK_TYPES = ("random_segments", "full", "causal")
PROBABILITIES = (0.1, 0.8, 0.1)


def random_inpaint_mask(
    sequence: Tensor,
    padding_masks: Tensor,
    max_mask_segments: int = 10,
    mask_type_probabilities: Sequence[float] = PROBABILITIES,
    generator: random.Random | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw a mask for each sequence of a batch (the scheme of stable-audio-tools).

    Args:
        sequence: (B, D, L).
        padding_masks: (B, L), 1 where there is signal.
        max_mask_segments: most segments of a `random_segments` mask.
        mask_type_probabilities: of random segments, of masking everything (padding too), and of masking all after a
            random point.
        generator: where random numbers come from; None takes Python's own.

    Returns:
        The sequence with masked frames set to 0, and the mask `(B, 1, L)`: 1 keeps, 0 is to be inpainted.

    Raises:
        ValueError: the probabilities are not three that add up to 1.
    """
    if len(mask_type_probabilities) != len(MASK_TYPES) or abs(sum(mask_type_probabilities) - 1) > 1e-5:
        raise ValueError(
            f"mask_type_probabilities are {len(MASK_TYPES)} numbers ({', '.join(MASK_TYPES)}) that add up to 1, "
            f"got {list(mask_type_probabilities)}"
        )
    draw = generator or random.Random(random.getrandbits(64))
    masks = torch.ones(len(sequence), 1, sequence.shape[-1], device=sequence.device)
    lengths = (padding_masks == 1).sum(-1).tolist()
    for mask, length in zip(masks, lengths, strict=True):
        kind = draw.choices(MASK_TYPES, weights=mask_type_probabilities)[0]
        if kind == "full":
            mask.zero_()
        elif length and kind == "random_segments":
            _mask_segments(mask, length, max_mask_segments, draw)
        elif length:
            mask[:, draw.randint(0, length) : length] = 0
    return sequence * masks, masks


def _mask_segments(mask: Tensor, length: int, most: int, draw: random.Random) -> None:
    """Mask up to `most` segments, which together are no longer than the signal."""
    count = draw.randint(1, most)
    for _ in range(count):
        size = draw.randint(1, max(1, length // count))
        start = draw.randint(0, length - size)
        mask[:, start : start + size] = 0
