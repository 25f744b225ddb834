"""Finite scalar quantization (Mentzer et al. 2023, arXiv 2309.15505): each channel is rounded to a few levels.

There is no codebook, neither learned nor stored: an index is the mixed-radix number of the levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Generator, Tensor, nn

from narrows.models.blocks.draws import coins, uniform
from narrows.models.blocks.quantizers.gradients import floor_through, round_through

EPS = 1e-3


class ScalarQuantizer(nn.Module):
    """Rounds `(..., D)` to levels, in float32.

    Args:
        levels: levels of each channel (D of them).
        preserve_symmetry: levels at equal distance from -1 to 1 (Parker et al. 2024, section 3.2); otherwise the
            levels of the first paper, which for even counts leave 1 out.
        bound_hard_clamp: bound values by clipping instead of a tanh.
        noise_dropout: probability, in training, of adding uniform noise of up to half a unit to a value.
    """

    def __init__(
        self,
        levels: Sequence[int],
        preserve_symmetry: bool = False,
        bound_hard_clamp: bool = False,
        noise_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.size = prod(levels)
        self.symmetric, self.hard, self.noise_dropout = preserve_symmetry, bound_hard_clamp, noise_dropout
        self.levels: Tensor
        self.basis: Tensor
        self.register_buffer("levels", torch.tensor(levels), persistent=False)
        self.register_buffer("basis", torch.tensor([prod(levels[:i]) for i in range(len(levels))]), persistent=False)

    def forward(self, x: Tensor, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """Codes `(..., D)` in -1 to 1, and indices `(...)`."""
        codes = self._symmetric(x) if self.symmetric else self._paper(x)
        indices = (self._numbers(codes.detach()) * self.basis).sum(-1)
        if self.training and self.noise_dropout > 0:
            chosen = coins(torch.full_like(codes, self.noise_dropout), generator)
            codes = torch.where(chosen, codes + uniform(codes, generator) - 0.5, codes).clamp(-1, 1)
        return codes, indices

    def codes(self, indices: Tensor) -> Tensor:
        """Codes of indices: `(...)` → `(..., D)`."""
        numbers = indices[..., None] // self.basis % self.levels
        if self.symmetric:
            return numbers * (2 / (self.levels - 1)) - 1
        half = self.levels // 2
        return (numbers - half) / half

    def _paper(self, x: Tensor) -> Tensor:
        half = (self.levels - 1) * (1 + EPS) / 2
        offset = (self.levels % 2 == 0) * 0.5
        bounded = (x + offset / half).clamp(-1, 1) if self.hard else torch.tanh(x + torch.atanh(offset / half))
        return round_through(bounded * half - offset) / (self.levels // 2)

    def _symmetric(self, x: Tensor) -> Tensor:
        bounded = x.clamp(-1, 1) if self.hard else torch.tanh(x)
        return floor_through((self.levels - 1) * (bounded + 1) / 2 + 0.5) * (2 / (self.levels - 1)) - 1

    def _numbers(self, codes: Tensor) -> Tensor:
        if self.symmetric:
            numbers = (codes + 1) / (2 / (self.levels - 1))
        else:
            half = self.levels // 2
            numbers = codes * half + half
        return numbers.round().long()
