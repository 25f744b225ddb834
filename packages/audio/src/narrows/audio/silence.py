"""Shortening long silences."""

from __future__ import annotations

import random
from itertools import pairwise

import torch
from torch import Tensor


def remove_long_silence(
    audio: Tensor,
    sample_rate: int,
    silence_threshold: tuple[float, float] = (0.01, 0.5),
    max_silence_duration: float = 0.25,
    generator: random.Random | None = None,
) -> Tensor:
    """Cut silences longer than `max_silence_duration` down to a stretch of `silence_threshold[1]` seconds.

    A stretch counts as silent where all channels lie below `silence_threshold[0]`, so channels stay together. (For
    mono this is what stable-audio-tools does; it joins the channels of other signals end to end.)

    Args:
        audio: (C, T).
        sample_rate: rate in Hz.
        silence_threshold: amplitude, and seconds that stay of a long silence.
        max_silence_duration: longest silence in seconds that is left alone.
        generator: selects which stretch stays; None takes Python's own.
    """
    level, seconds = silence_threshold
    longest, kept = int(max_silence_duration * sample_rate), int(seconds * sample_rate)
    draw = generator or random
    parts: list[Tensor] = []
    for silent, start, end in _runs(audio.abs().amax(0) < level):
        if silent and end - start > longest:
            start += draw.randint(0, end - start - kept) if end - start > kept else 0
            end = min(end, start + kept)
        parts.append(audio[:, start:end])
    return torch.cat(parts, -1) if parts else audio


def _runs(mask: Tensor) -> list[tuple[bool, int, int]]:
    """Stretches of equal values: value, start, end."""
    if not len(mask):
        return []
    edges = [0, *(torch.nonzero(mask[1:] != mask[:-1]).flatten() + 1).tolist(), len(mask)]
    return [(bool(mask[a]), a, b) for a, b in pairwise(edges)]
