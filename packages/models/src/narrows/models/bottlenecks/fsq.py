"""Finite scalar quantization (Mentzer et al. 2023, arXiv 2309.15505)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from narrows.configs import FSQBottleneckConfig
from narrows.models._options import options
from narrows.models.blocks.quantizers.scalar import ScalarQuantizer
from narrows.models.bottlenecks import DiscreteBottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info, append_noise


class FSQBottleneck(DiscreteBottleneck):
    """Rounds each channel to one of a few levels. Reports `quantizer_indices`, `(B, K, L)`.

    Args:
        levels: levels of each quantized channel; their product is the codebook size.
        num_codebooks: codebooks side by side.
        dim: latent channels; other than `len(levels) * num_codebooks` adds linear projections.
        noise_augment_dim: noise channels appended on decode.
        projection_has_bias: bias of the projections.
        preserve_symmetry: see `ScalarQuantizer`, as the two that follow.
        bound_hard_clamp: clip instead of a tanh.
        noise_dropout: probability of added noise in training.
    """

    info_keys = ("quantizer_indices",)

    def __init__(
        self,
        levels: Sequence[int],
        num_codebooks: int = 1,
        dim: int | None = None,
        noise_augment_dim: int = 0,
        projection_has_bias: bool = True,
        preserve_symmetry: bool = False,
        bound_hard_clamp: bool = False,
        noise_dropout: float = 0.0,
    ) -> None:
        scalar = ScalarQuantizer(levels, preserve_symmetry, bound_hard_clamp, noise_dropout)
        super().__init__(num_codebooks, scalar.size)
        self.noise_augment_dim = noise_augment_dim
        self.quantizer = ProjectedScalarQuantizer(scalar, len(levels), num_codebooks, dim, projection_has_bias)

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, K, L)`. Rounding is done in float32."""
        quantized, indices = self.quantizer(x.transpose(1, 2), generator)
        return quantized.transpose(1, 2), {"quantizer_indices": indices.transpose(1, 2)}

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Latents with the noise channels appended."""
        return append_noise(latents, self.noise_augment_dim, generator)

    def _dequantize(self, tokens: Tensor) -> Tensor:
        return self.quantizer.dequantize(tokens.transpose(1, 2)).transpose(1, 2)


class ProjectedScalarQuantizer(nn.Module):
    """A scalar quantizer for groups of channels, between linear projections where the widths differ.

    Args:
        scalar: quantizes one group.
        width: channels of one group.
        groups: number of groups; one index each.
        dim: channels outside; None means all groups' channels.
        bias: of the projections.
    """

    # The names of the projections are part of the checkpoint format.
    def __init__(self, scalar: ScalarQuantizer, width: int, groups: int, dim: int | None, bias: bool = True) -> None:
        super().__init__()
        self.scalar, self.groups = scalar, groups
        inside = width * groups
        outside = dim or inside
        self.project_in = nn.Linear(outside, inside, bias) if outside != inside else nn.Identity()
        self.project_out = nn.Linear(inside, outside, bias) if outside != inside else nn.Identity()

    def forward(self, x: Tensor, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
        """`(B, L, D)` → the same, and indices `(B, L, groups)`."""
        projected: Tensor = self.project_in(x)
        with torch.autocast(x.device.type, enabled=False):
            codes, indices = self.scalar(torch.unflatten(projected.float(), -1, (self.groups, -1)), generator)
        return self.project_out(codes.flatten(-2).to(projected.dtype)), indices

    def dequantize(self, indices: Tensor) -> Tensor:
        """Indices `(B, L, groups)` → `(B, L, D)`."""
        codes = self.scalar.codes(indices).flatten(-2)
        if isinstance(self.project_out, nn.Linear):
            codes = codes.to(self.project_out.weight.dtype)
        out: Tensor = self.project_out(codes)
        return out


@build_bottleneck.register
def _(config: FSQBottleneckConfig) -> FSQBottleneck:
    return FSQBottleneck(**options(config))
