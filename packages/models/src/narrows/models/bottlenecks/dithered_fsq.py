"""Finite scalar quantization with dither (Parker et al. 2024, arXiv 2411.19842), as in stable-audio-tools."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Generator, Tensor

from narrows.configs import DitheredFSQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.draws import coins, uniform
from narrows.models.blocks.frame_noise import frame_uniform
from narrows.models.blocks.quantizers.gradients import round_through
from narrows.models.bottlenecks import DiscreteBottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


class DitheredFSQBottleneck(DiscreteBottleneck):
    """A tanh, then levels at equal distance from -1 to 1; in training mostly noise of one step instead of rounding.

    Training draws twice for each item, as the reference does: with probability `noise_dropout` the value is left
    unrounded, and with probability `noise_dropout` the dither is left out. Without it (19 times in 20 by default) the
    latents are the unrounded values with uniform noise of one step. Reports `quantizer_indices`, `(B, L, K)`.

    Args:
        dim: channels of one codebook.
        levels: levels of each channel, or one number for all.
        num_codebooks: codebooks side by side.
        noise_dropout: see above.
        dither_at_inference: replace rounding by dither outside training too; the tokens are those of the nearest
            levels then, and do not give the latents back.
    """

    info_keys = ("quantizer_indices",)
    frames_first = True

    def __init__(
        self,
        dim: int,
        levels: int | Sequence[int],
        num_codebooks: int = 1,
        noise_dropout: float = 0.05,
        dither_at_inference: bool = False,
    ) -> None:
        each = [levels] * dim if isinstance(levels, int) else list(levels)
        if len(each) != dim:
            raise ValueError(f"levels has {len(each)} entries for dim {dim}; give one a channel")
        super().__init__(num_codebooks, prod(each))
        self.noise_dropout, self.dither_at_inference = noise_dropout, dither_at_inference
        self.levels: Tensor
        self.basis: Tensor
        self.step: Tensor
        self.register_buffer("levels", torch.tensor(each), persistent=False)
        self.register_buffer("basis", torch.tensor([prod(each[:i]) for i in range(dim)]), persistent=False)
        self.register_buffer("step", 2.0 / (torch.tensor(each) - 1), persistent=False)

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, L, K)`. All arithmetic is in float32."""
        if x.shape[1] != self.num_quantizers * len(self.levels):
            wanted = f"{self.num_quantizers} x {len(self.levels)}"
            raise ValueError(f"dithered_fsq takes {wanted} channels, got {x.shape[1]}")
        with torch.autocast(x.device.type, enabled=False):
            bounded = torch.tanh(torch.unflatten(x.float().transpose(1, 2), -1, (self.num_quantizers, -1)))
            codes = self._dithered(bounded, generator) if self.training else self._rounded(bounded)
            if not self.training and self.dither_at_inference:
                codes = self._noisy(bounded, frame_uniform(bounded, generator, axis=1))
            indices = self._indices(codes.detach())
        return codes.flatten(-2).transpose(1, 2).to(x.dtype), {"quantizer_indices": indices}

    def _rounded(self, bounded: Tensor) -> Tensor:
        return round_through((bounded + 1) / self.step) * self.step - 1

    def _noisy(self, bounded: Tensor, drawn: Tensor) -> Tensor:
        return bounded + (drawn - 0.5) * self.step

    def _dithered(self, bounded: Tensor, generator: Generator | None) -> Tensor:
        # Two draws for each item, then the noise: the order is the reference's, so that seeds give its numbers.
        chance = bounded.new_full((len(bounded), 1, 1, 1), self.noise_dropout)
        codes = torch.where(coins(chance, generator), bounded, self._rounded(bounded))
        keep = coins(chance, generator)
        # Like the reference's `rand_like`, `uniform` fills in memory order, which is not that of the axes.
        return torch.where(keep, codes, self._noisy(bounded, uniform(bounded, generator)))

    def _indices(self, codes: Tensor) -> Tensor:
        """Nearest levels as one number; dither can leave the range by half a step, the tokens stay inside."""
        numbers = ((codes + 1) / self.step).round().long()
        return (torch.minimum(numbers.clamp(min=0), self.levels - 1) * self.basis).sum(-1)

    def _dequantize(self, tokens: Tensor) -> Tensor:
        numbers = tokens.transpose(1, 2)[..., None] // self.basis % self.levels
        return (numbers * self.step - 1).flatten(-2).transpose(1, 2)


@build_bottleneck.register
def _(config: DitheredFSQBottleneckConfig) -> DitheredFSQBottleneck:
    return DitheredFSQBottleneck(**options(config))
