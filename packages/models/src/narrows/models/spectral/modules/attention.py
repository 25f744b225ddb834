"""Attention over tokens, real or complex.

Letters: B batch, N tokens, C features, H heads.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.kernels import Kernel, attention
from narrows.models.receptive_field import ReceptiveField, obstacle
from narrows.models.spectral.layout import join_parts
from narrows.models.spectral.modules.linear import linear


class SpectralAttention(nn.Module):
    """Self-attention of several heads (Vaswani et al. 2017), with complex queries, keys and values where asked for.

    A complex score is the real part of the Hermitian product `q · conj(k)`, which is the scalar product of queries and
    keys taken as real vectors of both parts (Eilers & Jiang 2023, arXiv 2306.09827). The weights are real, so that
    rotating all inputs by one phase rotates the output by it, where the layers have no bias.

    Args:
        channels: features.
        heads: heads; a divisor of the features.
        causal: see no later token.
        dropout: share of the weights dropped in training.
        is_complex: complex features.

    Shape:
        `(B, N, C)` → `(B, N, C)`
    """

    def __init__(
        self, channels: int, heads: int, causal: bool = False, dropout: float = 0.0, is_complex: bool = False
    ) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"The {channels} features of attention cannot be split among {heads} heads")
        self.heads = heads
        self.head_width = channels // heads
        self.causal = causal
        self.dropout = dropout
        self.to_qkv = linear(channels, 3 * channels, is_complex)
        self.to_out = linear(channels, channels, is_complex)

    def forward(self, x: Tensor) -> Tensor:
        """Attend."""
        q, k, v = torch.unflatten(self.to_qkv(x), -1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        if x.is_complex():
            width = q.shape[-1]
            # The usual scale counts real features: a complex one is two.
            scale = 1 / math.sqrt(2 * width)
            q, k, v = (torch.cat([part.real, part.imag], dim=-1) for part in (q, k, v))
            seen = F.scaled_dot_product_attention(q, k, v, None, dropout, self.causal, scale=scale)
            out = join_parts(*torch.split(seen, width, dim=-1))
        else:
            out = F.scaled_dot_product_attention(q, k, v, None, dropout, self.causal)
        joined: Tensor = self.to_out(out.transpose(1, 2).flatten(2))
        return joined

    def kernels(self) -> list[Kernel]:
        """See `narrows.models.kernels`; complex numbers have no 16-bit arithmetic."""
        is_complex = any(weight.is_complex() for weight in self.parameters())
        return [] if is_complex else [attention(self.heads, self.head_width)]

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "attends to the whole clip")
