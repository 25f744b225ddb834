"""Transformer stages with local attention (stable-audio-tools; neighbourhood attention: Hassani et al. 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from narrows.models.blocks.transformer import Attention, FeedForward, RotaryEmbedding
from narrows.models.blocks.transformer.norms import LayerNorm
from narrows.models.blocks.transformer.windows import Window
from narrows.models.receptive_field import ReceptiveField, chain, frames, unframes


@dataclass(frozen=True)
class LocalAttentionOptions:
    """Options that all stages share."""

    local_attn_window_size: int | None = 64
    causal: bool = False
    scale_attention: bool = False
    ff_mult: float = 2

    @property
    def window(self) -> Window | None:
        """Tokens before and after itself that a token sees."""
        size = self.local_attn_window_size
        if size is None:
            return None
        return (size - 1, 0) if self.causal else (size // 2, size - 1 - size // 2)

    @property
    def scale(self) -> float | None:
        """Factor of the logits; None for the usual one."""
        return None if self.scale_attention or self.local_attn_window_size is None else 1.0


class LocalLayer(nn.ModuleList):
    """Attention and a feed-forward layer, each around a skip connection.

    Shape:
        `(B, N, D)` → `(B, N, D)`
    """

    # That this is a list, with an empty place for the cross-attention which encoders do not have, is part of the
    # checkpoint format.
    def __init__(self, dim: int, head: int, style: LocalAttentionOptions) -> None:
        attention = Attention(dim, dim_heads=head, causal=style.causal, shift_window=True, scale=style.scale)
        feed_forward = FeedForward(dim, mult=style.ff_mult, no_bias=True)
        super().__init__([LayerNorm(dim), attention, nn.Identity(), LayerNorm(dim), feed_forward])

    def forward(self, x: Tensor, angles: Tensor, window: Window | None) -> Tensor:
        """Transform tokens."""
        attention_norm, attention, _, norm, feed_forward = self
        x = x + attention(attention_norm(x), rotary=angles, window=window)
        out: Tensor = x + feed_forward(norm(x))
        return out


class LocalTransformer(nn.Module):
    """Transformer layers with local attention.

    Shape:
        `(B, N, D)` → `(B, N, D)`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(self, dim: int, depth: int, heads: int, style: LocalAttentionOptions) -> None:
        super().__init__()
        if dim % heads:
            raise ValueError(f"A width must be divisible by its number of heads, got {dim} and {heads}")
        head = dim // heads
        # The reference turns at least 32 features of a head, and fails where a head has fewer.
        self.rotary_pos_emb = RotaryEmbedding(max(head // 2, 32) if head >= 32 else head - head % 2)
        self.layers = nn.ModuleList(LocalLayer(dim, head, style) for _ in range(depth))
        self.window = style.window

    def forward(self, x: Tensor) -> Tensor:
        """Transform tokens."""
        angles = self.rotary_pos_emb(x.shape[1])
        for layer in self.layers:
            x = layer(x, angles, self.window)
        return x

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        layers: Any = self.layers
        return chain(*(attention.receptive_field(self.window) for _, attention, *_ in layers))


class DownsamplingStage(nn.Module):
    """Transformer layers, then neighbouring tokens are joined.

    Shape:
        `(B, N, D_in)` → `(B, N / ratio, D)`
    """

    def __init__(self, in_dim: int, dim: int, depth: int, heads: int, ratio: int, style: LocalAttentionOptions) -> None:
        super().__init__()
        self.ratio = ratio
        self.transformer = LocalTransformer(dim, depth, heads, style)
        self.project_in = _projection(in_dim, dim)
        self.project_down = nn.Linear(dim * ratio, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Downsample."""
        if x.shape[1] % self.ratio:
            raise ValueError(f"{x.shape[1]} tokens cannot be joined by {self.ratio}: pad the input to whole frames")
        x = self.transformer(self.project_in(x))
        batch, tokens, dim = x.shape
        joined = x.reshape(batch, tokens // self.ratio, self.ratio, dim).transpose(2, 3).flatten(2)
        out: Tensor = self.project_down(joined)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.transformer, frames(self.ratio))


class UpsamplingStage(nn.Module):
    """Tokens are split, then transformer layers.

    Shape:
        `(B, N, D_in)` → `(B, N * ratio, D)`
    """

    def __init__(self, in_dim: int, dim: int, depth: int, heads: int, ratio: int, style: LocalAttentionOptions) -> None:
        super().__init__()
        self.ratio = ratio
        self.transformer = LocalTransformer(dim, depth, heads, style)
        self.project_in = _projection(in_dim, dim)
        self.project_up = nn.Linear(dim, dim * ratio, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Upsample."""
        wide = self.project_up(self.project_in(x))
        batch, tokens, dim = wide.shape
        split = wide.reshape(batch, tokens, dim // self.ratio, self.ratio).transpose(2, 3).flatten(1, 2)
        out: Tensor = self.transformer(split)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(unframes(self.ratio), self.transformer)


def _projection(in_dim: int, dim: int) -> nn.Module:
    return nn.Identity() if in_dim == dim else nn.Linear(in_dim, dim, bias=False)


class LocalAttentionStack(nn.Module):
    """Stages between two projections, the whole of an encoder or decoder.

    Shape:
        `(B, in_channels, T)` → `(B, out_channels, T')`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(self, in_channels: int, out_channels: int, dims: list[int], stages: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*stages)
        self.project_in = nn.Linear(in_channels, dims[0], bias=False)
        self.project_out = nn.Linear(dims[-1], out_channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Encode or decode."""
        out: Tensor = self.project_out(self.layers(self.project_in(x.transpose(1, 2)))).transpose(1, 2)
        return out

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return chain(self.layers)
