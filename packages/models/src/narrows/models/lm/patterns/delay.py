"""Each codebook some steps after the one before (Copet et al. 2023, arXiv 2306.05284)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from narrows.configs import DelayPatternConfig
from narrows.models.lm.patterns import EMPTY, Pattern, build_pattern


class DelayPattern(Pattern):
    """Codebooks side by side, each shifted by its delay.

    Args:
        codebooks: tokens a frame (K).
        delays: steps by which each codebook is late, not falling; None for 0, 1, 2 and so on.
        flatten_first: frames at the start whose tokens are predicted one by one, without delay.
        empty_initial: empty steps at the start, besides the one that every pattern has.
    """

    def __init__(
        self, codebooks: int, delays: Sequence[int] | None = None, flatten_first: int = 0, empty_initial: int = 0
    ) -> None:
        super().__init__(codebooks)
        self.delays = list(range(codebooks)) if delays is None else list(delays)
        self.flatten_first = flatten_first
        self.empty_initial = empty_initial

    def _frames(self, length: int) -> Tensor:
        empty = torch.full((1 + self.empty_initial, self.codebooks), EMPTY)
        return torch.cat((empty, self._flattened(min(length, self.flatten_first)), self._delayed(length)))

    def _flattened(self, frames: int) -> Tensor:
        steps = torch.arange(frames * self.codebooks)
        turn = steps[:, None] % self.codebooks == torch.arange(self.codebooks)
        return torch.where(turn, steps[:, None] // self.codebooks, EMPTY)

    def _delayed(self, length: int) -> Tensor:
        frames = torch.arange(self.flatten_first, max(length + max(self.delays), self.flatten_first))
        late = frames[:, None] - torch.tensor(self.delays)
        return torch.where(late >= self.flatten_first, late, EMPTY)


@build_pattern.register
def _(config: DelayPatternConfig, codebooks: int) -> DelayPattern:
    return DelayPattern(codebooks, config.delays, config.flatten_first, config.empty_initial)
