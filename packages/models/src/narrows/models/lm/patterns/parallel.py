"""All codebooks of a frame at once."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.configs import ParallelPatternConfig
from narrows.models.lm.patterns import EMPTY, Pattern, build_pattern


class ParallelPattern(Pattern):
    """A step a frame.

    Args:
        codebooks: tokens a frame (K).
        empty_initial: empty steps at the start, besides the one that every pattern has.
    """

    def __init__(self, codebooks: int, empty_initial: int = 0) -> None:
        super().__init__(codebooks)
        self.empty_initial = empty_initial

    def _frames(self, length: int) -> Tensor:
        empty = torch.full((1 + self.empty_initial, self.codebooks), EMPTY)
        return torch.cat((empty, torch.arange(length)[:, None].expand(-1, self.codebooks)))


@build_pattern.register
def _(config: ParallelPatternConfig, codebooks: int) -> ParallelPattern:
    return ParallelPattern(codebooks, config.empty_initial)
