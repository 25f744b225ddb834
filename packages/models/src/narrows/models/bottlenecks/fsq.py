"""Finite scalar quantization (Mentzer et al. 2023, arXiv 2309.15505) with vector-quantize-pytorch."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Generator, Tensor
from vector_quantize_pytorch import FSQ

from narrows.configs import FSQBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import DiscreteBottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


class FSQBottleneck(DiscreteBottleneck):
    """Rounds each channel to one of a few levels.

    Args:
        levels: levels of each quantized channel; their product is the codebook size.
        num_codebooks: codebooks side by side.
        dim: latent channels; other than `len(levels) * num_codebooks` adds linear projections.
        noise_augment_dim: noise channels appended on decode.
        projection_has_bias: bias of the projections.
    """

    tokens_id = "quantizer_indices"

    def __init__(
        self,
        levels: Sequence[int],
        num_codebooks: int = 1,
        dim: int | None = None,
        noise_augment_dim: int = 0,
        projection_has_bias: bool = True,
    ) -> None:
        super().__init__(num_codebooks, prod(levels))
        self.noise_augment_dim = noise_augment_dim
        # The codebook axis of the tokens is always kept; the reference fails without it.
        self.quantizer = FSQ(
            levels=list(levels),
            num_codebooks=num_codebooks,
            dim=dim,
            keep_num_codebooks_dim=True,
            projection_has_bias=projection_has_bias,
            allowed_dtypes=(torch.float16, torch.float32, torch.float64),
        )

    def forward(self, x: Tensor, *, generator: Generator | None = None) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, K, L)`. Rounding is done in float32."""
        quantized, indices = self.quantizer(x.float().transpose(1, 2))
        return quantized.transpose(1, 2).to(x.dtype), {"quantizer_indices": indices.transpose(1, 2)}

    def dequantize(self, codes: Tensor) -> Tensor:
        """Codes `(B, K, L)` → latents `(B, D, L)`."""
        latents: Tensor = self.quantizer.indices_to_codes(codes.transpose(1, 2))
        return latents.transpose(1, 2)

    def decode(self, latents: Tensor, *, generator: Generator | None = None) -> Tensor:
        """Latents with the noise channels appended."""
        return append_noise(latents, self.noise_augment_dim, generator)


def append_noise(latents: Tensor, channels: int, generator: Generator | None = None) -> Tensor:
    """Append channels of Gaussian noise: `(B, D, L)` → `(B, D + channels, L)`."""
    if channels == 0:
        return latents
    shape = (latents.shape[0], channels, latents.shape[-1])
    noise = torch.randn(shape, generator=generator, device=latents.device)
    return torch.cat([latents, noise.to(latents.dtype)], dim=1)


@build_bottleneck.register
def _(config: FSQBottleneckConfig) -> FSQBottleneck:
    # `scale` and `keep_num_codebooks_dim` change nothing in the reference; see the schema.
    arguments = options(config)
    return FSQBottleneck(**{k: v for k, v in arguments.items() if k not in {"scale", "keep_num_codebooks_dim"}})
