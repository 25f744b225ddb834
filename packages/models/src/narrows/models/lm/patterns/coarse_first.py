"""The first codebook of all frames, then the others (AudioCraft)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from narrows.configs import CoarseFirstPatternConfig
from narrows.models.lm.patterns import EMPTY, Pattern, build_pattern


class CoarseFirstPattern(Pattern):
    """The coarsest codebook first; the others follow side by side and can rely on all of it.

    Args:
        codebooks: tokens a frame (K), at least 2.
        delays: steps by which each of the other codebooks is late, not falling; None for none.
    """

    is_streamable: ClassVar[bool] = False

    def __init__(self, codebooks: int, delays: Sequence[int] | None = None) -> None:
        super().__init__(codebooks)
        self.delays = [0] * (codebooks - 1) if delays is None else list(delays)

    def _frames(self, length: int) -> Tensor:
        coarse = torch.full((1 + length, self.codebooks), EMPTY)
        coarse[1:, 0] = torch.arange(length)
        late = torch.arange(length + max(self.delays))[:, None] - torch.tensor(self.delays)
        fine = torch.full((len(late), self.codebooks), EMPTY)
        fine[:, 1:] = late.clamp(min=EMPTY)
        return torch.cat((coarse, fine))


@build_pattern.register
def _(config: CoarseFirstPatternConfig, codebooks: int) -> CoarseFirstPattern:
    return CoarseFirstPattern(codebooks, config.delays)
