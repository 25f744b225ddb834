"""The decoder of x-transformers 1.26 as stable-audio-tools configures it: own layers with the names of its weights.

Letters: B batch, N tokens, D width, H heads, F width of a head.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import XTransformersLMConfig
from narrows.models._options import options
from narrows.models.blocks.transformer.cache import AttentionCache, KeyValueCache, causal_mask
from narrows.models.blocks.transformer.feedforward import FeedForward
from narrows.models.blocks.transformer.places import Position, embedded
from narrows.models.blocks.transformer.rotary import RotaryEmbedding, apply_rotary
from narrows.models.kernels import Kernel, attention
from narrows.models.lm.backbones import LMBackbone, build_lm_backbone
from narrows.models.lm.backbones.base import in_front
from narrows.models.lm.conditions import Conditions


class HeadAttention(nn.Module):
    """Attention whose heads are as wide as one likes.

    Args:
        dim: width (D), also of the context.
        heads: heads (H).
        dim_head: width of a head (F).
        causal: no token sees a later one; false in cross-attention.
    """

    # The attribute names are part of the checkpoint format, here and below.
    def __init__(self, dim: int, heads: int, dim_head: int, causal: bool) -> None:
        super().__init__()
        self.heads = heads
        self.causal = causal
        self.to_q, self.to_k, self.to_v = (nn.Linear(dim, heads * dim_head, bias=False) for _ in range(3))
        self.to_out = nn.Linear(heads * dim_head, dim, bias=False)
        nn.init.zeros_(self.to_out.weight)

    def kernels(self) -> list[Kernel]:
        """See `HasKernels`."""
        return [attention(self.heads, self.to_out.in_features // self.heads)]

    def forward(
        self,
        x: Tensor,
        context: Tensor | None,
        rotary: Tensor | None,
        mask: Tensor | None,
        cache: AttentionCache | None,
        position: Position,
    ) -> Tensor:
        """Attend.

        Args:
            x: `(B, N, D)`.
            context: `(B, M, D)`; None for self-attention.
            rotary: angles of `x` in self-attention.
            mask: true where a token sees another; None for a plain causal mask, or all of the context.
            cache: of the tokens before `x`, or of the context.
            position: tokens before `x`.
        """
        q = self._heads(self.to_q(x))
        if cache is not None and context is not None and cache.values is not None:
            k, v = cache.keys[0], cache.values
        else:
            source = x if context is None else context
            k, v = self._heads(self.to_k(source)), self._heads(self.to_v(source))
            if rotary is not None:
                q, k = apply_rotary(q, rotary), apply_rotary(k, rotary)
            if cache is not None and context is not None:
                cache.keys, cache.values = [k], v
            elif cache is not None:
                (k,), v = cache.extend([k], v, position)
        causal = bool(self.causal and mask is None and q.shape[-2] > 1)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        attended: Tensor = self.to_out(out.transpose(1, 2).flatten(-2))
        return attended

    def _heads(self, x: Tensor) -> Tensor:
        return torch.unflatten(x, -1, (self.heads, -1)).transpose(1, 2)


class DecoderLayers(nn.Module):
    """Self-attention, cross-attention and feed-forward layers, each behind a norm and around a skip connection.

    Args:
        dim: width (D).
        depth: groups of layers.
        heads: heads (H).
        dim_head: width of a head (F).
        ff_mult: inner width of the feed-forward layers, as a multiple.
        cross_attend: whether there is cross-attention.
    """

    def __init__(self, dim: int, depth: int, heads: int, dim_head: int, ff_mult: float, cross_attend: bool) -> None:
        super().__init__()
        self.rotary_pos_emb = RotaryEmbedding(max(dim_head // 2, 32))
        self.kinds = ("self", "cross", "ff") if cross_attend else ("self", "ff")
        self.depth = depth

        def layer(kind: str) -> nn.Module:
            if kind == "ff":
                return FeedForward(dim, mult=ff_mult)
            return HeadAttention(dim, heads, dim_head, causal=kind == "self")

        self.layers = nn.ModuleList(
            nn.ModuleList((nn.ModuleList((nn.LayerNorm(dim),)), layer(kind)))
            for _ in range(depth)
            for kind in self.kinds
        )
        self.final_norm = nn.LayerNorm(dim)

    def forward(
        self,
        x: Tensor,
        context: Tensor | None,
        mask: Tensor | None,
        context_mask: Tensor | None,
        cache: KeyValueCache | None,
    ) -> Tensor:
        """Transform `(B, N, D)`; the masks are of self- and of cross-attention."""
        position = 0 if cache is None else cache.where
        rotary = embedded(self.rotary_pos_emb, position, x.shape[1])
        for index, (norms, layer) in enumerate(cast("list[tuple[Any, Any]]", self.layers)):
            group, kind = index // len(self.kinds), self.kinds[index % len(self.kinds)]
            kept = None if cache is None else cache.layers[group]
            y = norms[0](x)
            if kind == "self":
                x = x + layer(y, None, rotary, mask, kept and kept.self_attn, position)
            elif kind == "ff":
                x = x + layer(y)
            elif context is not None:
                x = x + layer(y, context, None, context_mask, kept and kept.cross_attn, position)
        if cache is not None:
            cache.position += x.shape[1]
        normed: Tensor = self.final_norm(x)
        return normed


class ContinuousDecoder(nn.Module):
    """`DecoderLayers` between projections, as wide as they are."""

    def __init__(self, dim: int, layers: DecoderLayers) -> None:
        super().__init__()
        self.attn_layers = layers
        self.project_in, self.project_out = nn.Linear(dim, dim), nn.Linear(dim, dim)


class XTransformersBackbone(LMBackbone):
    """The backbone `x-transformers` of older files of stable-audio-tools.

    Every step sees all cross-attention tokens, padding included; prepended padding is not seen.

    Args:
        embed_dim: width (D).
        depth: groups of layers.
        heads: heads (H).
        attn_dim_head: width of a head (F).
        ff_mult: inner width of the feed-forward layers, as a multiple.
        cross_attn_cond_dim: width of cross-attention conditions; 0 for none.
        prepend_cond_dim: width of prepended conditions; 0 for none.
        sum_cond_dim: width of conditions added to every token; 0 for none.
        full_cross_attention: hide padding of the cross-attention conditions too.
    """

    def __init__(
        self,
        embed_dim: int,
        depth: int,
        heads: int = 8,
        attn_dim_head: int = 64,
        ff_mult: float = 4,
        cross_attn_cond_dim: int = 0,
        prepend_cond_dim: int = 0,
        sum_cond_dim: int = 0,
        full_cross_attention: bool = False,
    ) -> None:
        super().__init__(embed_dim, cross_attn_cond_dim, prepend_cond_dim, sum_cond_dim)
        self.heads_width = heads * attn_dim_head
        self.masks_cross, self.masks_prepend = full_cross_attention, True
        layers = DecoderLayers(embed_dim, depth, heads, attn_dim_head, ff_mult, cross_attn_cond_dim > 0)
        self.model = ContinuousDecoder(embed_dim, layers)

    def forward(self, x: Tensor, conditions: Conditions, cache: KeyValueCache | None = None) -> Tensor:
        """See `LMBackbone.forward`."""
        steps = x.shape[1]
        if conditions.sum is not None:
            x = x + conditions.sum
        x = self.model.project_in(x)
        position = 0 if cache is None else cache.where
        if conditions.prepend is not None and position == 0:
            x = torch.cat((conditions.prepend, x), dim=1)
        keys, mask = conditions.prepend_mask, None
        if cache is not None or keys is not None:
            mask = causal_mask(x.shape[1], position, None, keys, x.device)
        seen = None if conditions.cross_mask is None else conditions.cross_mask[:, None, None]
        out: Tensor = self.model.project_out(self.model.attn_layers(x, conditions.cross, mask, seen, cache))
        return out[:, -steps:]

    def new_cache(self, steps: int, conditions: Conditions) -> KeyValueCache:
        """See `LMBackbone.new_cache`."""
        return KeyValueCache(self.model.attn_layers.depth, steps + in_front(conditions))

    def cache_bytes(self, steps: int, batch_size: int, conditions: Conditions | None = None, width: int = 4) -> int:
        """See `LMBackbone.cache_bytes`."""
        conditions = conditions or Conditions()
        context = 0 if conditions.cross is None else conditions.cross.shape[1]
        tokens = steps + in_front(conditions) + context
        return self.model.attn_layers.depth * 2 * tokens * self.heads_width * batch_size * width


@build_lm_backbone.register
def _(config: XTransformersLMConfig) -> XTransformersBackbone:
    return XTransformersBackbone(full_cross_attention=config.cross_attention == "full", **options(config))
