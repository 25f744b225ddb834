"""Coarse codebooks of all frames, then the finer ones, token by token (Agostinelli et al. 2023, arXiv 2301.11325)."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from narrows.configs import MusicLMPatternConfig
from narrows.models.lm.patterns import EMPTY, Pattern, build_pattern


class MusicLMPattern(Pattern):
    """Groups of codebooks one after the other; within a group, frame by frame and codebook by codebook.

    Args:
        codebooks: tokens a frame (K), a multiple of `group_by`.
        group_by: codebooks of a group.
    """

    is_streamable: ClassVar[bool] = False

    def __init__(self, codebooks: int, group_by: int = 2) -> None:
        super().__init__(codebooks)
        self.group_by = group_by

    def _frames(self, length: int) -> Tensor:
        frames = torch.full((1 + length * self.codebooks, self.codebooks), EMPTY)
        step = torch.arange(length * self.codebooks)
        group, inside = step // (length * self.group_by), step % (length * self.group_by)
        frames[1 + step, group * self.group_by + inside % self.group_by] = inside // self.group_by
        return frames


@build_pattern.register
def _(config: MusicLMPatternConfig, codebooks: int) -> MusicLMPattern:
    return MusicLMPattern(codebooks, config.group_by)
