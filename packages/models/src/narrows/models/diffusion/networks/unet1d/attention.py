"""Transformer blocks between the convolutions of the U-Net."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.diffusion.networks.unet1d.convolutions import PaddedConv1d
from narrows.models.kernels import Kernel, attention


@dataclass(frozen=True)
class AttentionOptions:
    """Heads of the attention layers, and the width of what they attend to."""

    heads: int | None = None
    """Number of heads; None for as many as `features` gives."""
    features: int | None = None
    """Width of a head; None for as wide as `heads` gives."""
    multiplier: int | None = None
    """Hidden width of the feed-forward layers, as a multiple."""
    context_features: int | None = None
    """Width of the context of cross-attention; None or 0 for none."""

    def sizes(self, channels: int) -> tuple[int, int, int]:
        """Heads, their width, and the multiplier, at a width of the network."""
        if self.multiplier is None or (self.heads is None and self.features is None):
            raise ValueError(
                "Where attentions is not 0, attention_multiplier and one of attention_heads and attention_features "
                "must be given"
            )
        heads = self.heads or channels // (self.features or channels)
        return heads, self.features or channels // heads, self.multiplier


class Attention(nn.Module):
    """Attention with a layer norm in front.

    Args:
        features: width.
        heads: number of heads.
        head_features: width of a head.
        context_features: width of the context; None for self-attention.

    Shape:
        `(B, N, features)` → `(B, N, features)`
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, features: int, heads: int, head_features: int, context_features: int | None = None) -> None:
        super().__init__()
        self.heads = heads
        inner, source = heads * head_features, context_features or features
        self.norm = nn.LayerNorm(features)
        self.norm_context = nn.LayerNorm(source)
        self.to_q = nn.Linear(features, inner, bias=False)
        self.to_kv = nn.Linear(source, inner * 2, bias=False)
        self.attention = nn.ModuleDict({"to_out": nn.Linear(inner, features)})

    def kernels(self) -> list[Kernel]:
        """See `narrows.models.kernels`."""
        return [attention(self.heads, self.to_q.out_features // self.heads)]

    def forward(
        self, x: Tensor, context: Tensor | None = None, mask: Tensor | None = None, causal: bool = False
    ) -> Tensor:
        """Attend.

        Args:
            x: `(B, N, features)`.
            context: `(B, M, context_features)`; None for self-attention.
            mask: `(B, M)`, false for tokens of the context that are zeroed. As in the reference, and so in its
                trained weights, they keep their share of the softmax.
            causal: no token sees a later one.
        """
        k, v = self.to_kv(self.norm_context(x if context is None else context)).chunk(2, dim=-1)
        q = self.to_q(self.norm(x))
        if mask is not None:
            k, v = k * mask[:, :, None], v * mask[:, :, None]
        q, k, v = (t.reshape(*t.shape[:2], self.heads, -1).transpose(1, 2) for t in (q, k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        out: Tensor = self.attention["to_out"](mixed.transpose(1, 2).flatten(2))
        return out


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention and a feed-forward layer."""

    def __init__(self, features: int, options: AttentionOptions) -> None:
        super().__init__()
        heads, head_features, multiplier = options.sizes(features)
        self.attention = Attention(features, heads, head_features)
        self.cross_attention: Attention | None = None
        if options.context_features:
            self.cross_attention = Attention(features, heads, head_features, options.context_features)
        self.feed_forward = nn.Sequential(
            nn.Linear(features, features * multiplier), nn.GELU(), nn.Linear(features * multiplier, features)
        )

    def forward(self, x: Tensor, context: Tensor | None, mask: Tensor | None, causal: bool) -> Tensor:
        """Transform tokens: `(B, N, features)` → `(B, N, features)`."""
        x = x + self.attention(x, causal=causal)
        if self.cross_attention is not None:
            if context is None:
                raise ValueError("This U-Net cross-attends: cross_attn_cond must be given")
            x = x + self.cross_attention(x, context, mask)
        out: Tensor = x + self.feed_forward(x)
        return out


class Transformer1d(nn.Module):
    """Transformer blocks over frames.

    Args:
        layers: number of blocks.
        channels: width; a multiple of 32.
        options: heads and context.

    Shape:
        `(B, C, T)` → `(B, C, T)`
    """

    def __init__(self, layers: int, channels: int, options: AttentionOptions) -> None:
        super().__init__()
        self.to_in = nn.Sequential(nn.GroupNorm(32, channels, eps=1e-6), PaddedConv1d(channels, channels, 1))
        self.blocks = nn.ModuleList(TransformerBlock(channels, options) for _ in range(layers))
        self.to_out = nn.Sequential(nn.Identity(), PaddedConv1d(channels, channels, 1))

    def forward(self, x: Tensor, context: Tensor | None, mask: Tensor | None, causal: bool) -> Tensor:
        """Transform frames."""
        tokens = self.to_in(x).transpose(1, 2)
        for block in self.blocks:
            tokens = block(tokens, context, mask, causal)
        out: Tensor = self.to_out(tokens.transpose(1, 2))
        return out
