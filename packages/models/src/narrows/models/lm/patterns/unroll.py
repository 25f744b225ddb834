"""Codebooks one after the other, or in groups, with delays (AudioCraft's unrolled pattern)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from narrows.configs import UnrollPatternConfig
from narrows.models.lm.patterns import EMPTY, Pattern, build_pattern


class UnrollPattern(Pattern):
    """Several steps a frame.

    Args:
        codebooks: tokens a frame (K).
        flattening: the inner step of each codebook within a frame, not falling; None for 0, 1, 2 and so on. Inner steps
            that no codebook has are empty.
        delays: frames by which each codebook is late, not falling, the same for codebooks of one inner step; None for
            none.
    """

    def __init__(
        self, codebooks: int, flattening: Sequence[int] | None = None, delays: Sequence[int] | None = None
    ) -> None:
        super().__init__(codebooks)
        self.flattening = list(range(codebooks)) if flattening is None else list(flattening)
        self.delays = [0] * codebooks if delays is None else list(delays)

    def _frames(self, length: int) -> Tensor:
        end = length + max(self.delays)
        steps: list[tuple[int, list[tuple[int, int]]]] = [(-1, [])]  # (time, tokens)
        for frame in range(end):
            for inner in range(max(self.flattening) + 1):
                held = [q for q, place in enumerate(self.flattening) if place == inner]
                time = frame + (self.delays[held[0]] if held else 0)
                if time < end:
                    steps.append((time, [(frame, q) for q in held]))
        frames = torch.full((len(steps), self.codebooks), EMPTY)
        for step, (_, tokens) in enumerate(sorted(steps)):  # of one time, the earliest frame first
            for frame, q in tokens:
                frames[step, q] = frame
        return frames


@build_pattern.register
def _(config: UnrollPatternConfig, codebooks: int) -> UnrollPattern:
    return UnrollPattern(codebooks, config.flattening, config.delays)
