"""Residual finite scalar quantization: each stage has the levels of the first, on a finer scale.

After vector-quantize-pytorch's ResidualFSQ and section 3.2 of Parker et al. 2024 (arXiv 2411.19842).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Generator, Tensor, nn

from narrows.configs import ResidualFSQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.residual import StageDropout, residual
from narrows.models.blocks.quantizers.scalar import ScalarQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


class ResidualFSQBottleneck(DiscreteBottleneck):
    """Rounds each channel, then the residual, on a scale finer by the number of levels. Reports `quantizer_indices`.

    Args:
        levels: levels of each quantized channel, in every stage.
        num_quantizers: stages.
        dim: latent channels; other than `len(levels)` adds linear projections.
        bound_hard_clamp: bound the input of all stages once, softly, and clip inside; otherwise a tanh in each stage.
        soft_clamp_input_value: largest absolute input then, if not clipped.
        quantize_dropout: train with a random number of stages.
        quantize_dropout_cutoff_index: first stage that may be dropped.
        quantize_dropout_multiple_of: the number of stages kept is a multiple of this.
    """

    info_keys = ("quantizer_indices",)
    is_residual = True

    def __init__(
        self,
        levels: Sequence[int],
        num_quantizers: int,
        dim: int | None = None,
        bound_hard_clamp: bool = True,
        soft_clamp_input_value: float | None = None,
        quantize_dropout: bool = False,
        quantize_dropout_cutoff_index: int = 0,
        quantize_dropout_multiple_of: int = 1,
    ) -> None:
        self.scalar: ScalarQuantizer
        scalar = ScalarQuantizer(levels, preserve_symmetry=True, bound_hard_clamp=bound_hard_clamp)
        super().__init__(num_quantizers, scalar.size)
        self.scalar = scalar
        width, outside = len(levels), dim or len(levels)
        self.project_in = nn.Linear(outside, width) if outside != width else nn.Identity()
        self.project_out = nn.Linear(width, outside) if outside != width else nn.Identity()
        self.dropout = StageDropout(
            num_quantizers, quantize_dropout, quantize_dropout_cutoff_index, quantize_dropout_multiple_of
        )
        steps = torch.tensor(levels, dtype=torch.float32)
        self.scales: Tensor
        self.bound: Tensor | None
        self.register_buffer("scales", torch.stack([steps**-i for i in range(num_quantizers)]), persistent=False)
        soft = None if soft_clamp_input_value is None else torch.full_like(steps, soft_clamp_input_value)
        self.register_buffer("bound", 1 + 1 / (steps - 1) if bound_hard_clamp else soft, persistent=False)

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, K, L)`."""
        count = self.dropout.count(n_quantizers, self.training, x, generator)
        projected: Tensor = self.project_in(x.transpose(1, 2))
        with torch.autocast(x.device.type, enabled=False):
            wide = projected.float()
            if self.bound is not None:
                wide = torch.tanh(wide / self.bound) * self.bound
            result = residual(wide, [partial(self._stage, scale) for scale in self.scales], count)
        latents: Tensor = self.project_out(result.latents.to(projected.dtype))
        return latents.transpose(1, 2), {"quantizer_indices": result.codes.transpose(1, 2)}

    def _stage(self, scale: Tensor, left: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        codes, indices = self.scalar(left / scale)
        return codes * scale, indices, left.new_zeros(())

    def _dequantize(self, tokens: Tensor) -> Tensor:
        codes = self.scalar.codes(tokens)
        total = torch.zeros_like(codes[:, 0])
        for stage, scale in zip(codes.unbind(1), self.scales, strict=False):
            total = total + stage * scale
        if isinstance(self.project_out, nn.Linear):
            total = total.to(self.project_out.weight.dtype)
        out: Tensor = self.project_out(total)
        return out.transpose(1, 2)


@build_bottleneck.register
def _(config: ResidualFSQBottleneckConfig) -> ResidualFSQBottleneck:
    return ResidualFSQBottleneck(**options(config))
