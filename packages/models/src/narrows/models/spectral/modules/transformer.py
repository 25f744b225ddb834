"""Transformer blocks over tokens, real or complex, with the norms in front (Xiong et al. 2020)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, chain
from narrows.models.spectral.modules.activations import activation
from narrows.models.spectral.modules.attention import SpectralAttention
from narrows.models.spectral.modules.linear import layer_norm, linear


class Dropout(nn.Module):
    """Dropout of real or complex values, both parts of a complex one together."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Drop."""
        if not self.training or not self.share:
            return x
        return x * nn.functional.dropout(torch.ones_like(x.real), self.share)


class TransformerBlock(nn.Module):
    """Attention and a feed-forward network, each after a norm and around a skip connection.

    Args:
        channels: features.
        heads: heads of the attention.
        inner: features inside the feed-forward network.
        causal: see no later token.
        dropout: share dropped in training, of attention weights and of what each part adds.
        is_complex: complex features.

    Shape:
        `(B, N, C)` → `(B, N, C)`
    """

    def __init__(
        self,
        channels: int,
        heads: int,
        inner: int,
        causal: bool = False,
        dropout: float = 0.0,
        is_complex: bool = False,
    ) -> None:
        super().__init__()
        self.attend_norm = layer_norm(channels, is_complex)
        self.attend = SpectralAttention(channels, heads, causal, dropout, is_complex)
        self.feed_norm = layer_norm(channels, is_complex)
        self.feed = nn.Sequential(
            linear(channels, inner, is_complex),
            activation("ComplexGELU" if is_complex else "GELU", 1, is_complex),
            Dropout(dropout),
            linear(inner, channels, is_complex),
        )
        self.drop = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Attend, then feed forward."""
        x = x + self.drop(self.attend(self.attend_norm(x)))
        out: Tensor = x + self.drop(self.feed(self.feed_norm(x)))
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.attend)


class Transformer(nn.Module):
    """Blocks and a last norm.

    Args:
        channels: features.
        depth: blocks.
        heads: heads of the attention.
        inner: features inside the feed-forward networks.
        causal: see no later token.
        dropout: share dropped in training.
        is_complex: complex features.

    Shape:
        `(B, N, C)` → `(B, N, C)`
    """

    def __init__(
        self,
        channels: int,
        depth: int,
        heads: int,
        inner: int,
        causal: bool = False,
        dropout: float = 0.0,
        is_complex: bool = False,
    ) -> None:
        super().__init__()
        blocks = [TransformerBlock(channels, heads, inner, causal, dropout, is_complex) for _ in range(depth)]
        self.blocks = nn.Sequential(*blocks)
        self.norm = layer_norm(channels, is_complex)

    def forward(self, x: Tensor) -> Tensor:
        """Run the blocks."""
        out: Tensor = self.norm(self.blocks(x))
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.blocks)
