"""Sounds longer than those of the training: windows, each continuing the end of the one before (AudioCraft)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from narrows.models.lm.conditions import Conditions
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.generation import Frames, GenerationOptions


def generate_in_windows(
    network: Any,
    prompt: Tensor,
    frames: int,
    conditions: Conditions,
    null: Conditions | None,
    options: GenerationOptions,
    window: int | None,
    overlap: int | None = None,
    lengths: Tensor | None = None,
) -> Iterator[Frames]:
    """As `network.generate`, with a network that sees only `window` frames at a time.

    Args:
        network: the network over tokens, in eval mode.
        prompt: `(B, K, t)`: the first frames; of a long one only the last `window - 1` are seen.
        frames: frames in all.
        conditions: those of the batch, which hold for every window.
        null: what guidance leads away from.
        options: how codes are generated.
        window: frames of a window; None, and what is not below `frames`, makes one window.
        overlap: frames of a window that the one before has made, 1 to `window - 1`; None for half of it.
        lengths: `(B,)`: frames of each item; None for all.
    """
    if window is None or window >= frames:
        yield from network.generate(prompt, frames, conditions, null, options, lengths)
        return
    overlap = max(window // 2, 1) if overlap is None else overlap
    if not 1 <= overlap < window:
        raise LanguageModelError(f"overlap must be from 1 to {window - 1} frames (window - 1), got {overlap}")
    codes = prompt
    limited = lengths is not None
    lengths = torch.full((len(prompt),), frames, device=prompt.device) if lengths is None else lengths
    if codes.shape[-1]:
        yield Frames(codes, lengths)
    seen = min(codes.shape[-1], window - 1)
    while codes.shape[-1] < frames and not _over(lengths, codes.shape[-1], frames):
        # The last window is a whole one too, and sees more: some patterns know one length only.
        start = min(codes.shape[-1] - seen, frames - window)
        known = codes.shape[-1] - start
        position = 0
        inside = (lengths - start).clamp(0, window) if limited else None
        for part in network.generate(codes[..., start:], window, conditions, null, options, inside):
            new = part.codes[..., max(known - position, 0) :]
            position += part.codes.shape[-1]
            lengths = torch.where(part.lengths < window, torch.minimum(lengths, part.lengths + start), lengths)
            if new.shape[-1]:
                frame = torch.arange(codes.shape[-1], codes.shape[-1] + new.shape[-1], device=codes.device)
                new = new.masked_fill((frame >= lengths[:, None])[:, None], 0)
                codes = torch.cat((codes, new), dim=-1)
                yield Frames(new, lengths)
        seen = overlap
    if codes.shape[-1] < frames:
        yield Frames(codes[..., :0], lengths)


def _over(lengths: Tensor, done: int, frames: int) -> bool:
    """Whether all items have ended."""
    longest = int(lengths.max())
    return longest < frames and longest <= done
