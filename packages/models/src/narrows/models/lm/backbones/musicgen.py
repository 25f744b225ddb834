"""The transformer of MusicGen (Copet et al. 2023, arXiv 2306.05284), for the weights of AudioCraft and transformers.

Letters: B batch, N tokens, D width.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from narrows.configs import MusicGenLMConfig
from narrows.models._options import options
from narrows.models.blocks.transformer.block import TransformerBlock
from narrows.models.blocks.transformer.cache import KeyValueCache
from narrows.models.blocks.transformer.places import rows
from narrows.models.blocks.transformer.stepping import steps_of
from narrows.models.lm.backbones import LMBackbone, build_lm_backbone
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.errors import LanguageModelError


class GeluLayers(nn.Sequential):
    """Two layers with a GELU between, without biases; padding among the tokens, `valid`, is of no account."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__(nn.Linear(dim, hidden, bias=False), nn.GELU(), nn.Linear(hidden, dim, bias=False))

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Tensor:
        """Transform each token."""
        out: Tensor = super().forward(x)  # type: ignore[no-untyped-call]
        return out


class MusicGenBackbone(LMBackbone):
    """Self-attention, cross-attention and GELU layers behind norms, with sinusoidal positions.

    Padding of the conditions is not seen. A condition token of nothing but zeros is padding too: so an item without
    conditions attends to zeros, as in AudioCraft.

    Args:
        embed_dim: width (D).
        depth: layers.
        heads: attention heads.
        ff_mult: inner width of the feed-forward layers, as a multiple.
        cross_attn_cond_dim: width of the conditions; 0 for none.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self, embed_dim: int, depth: int, heads: int = 16, ff_mult: float = 4, cross_attn_cond_dim: int = 0
    ) -> None:
        super().__init__(embed_dim)
        if cross_attn_cond_dim:
            self.to_cross_attn_embed = nn.Linear(cross_attn_cond_dim, embed_dim)
        self.layers = musicgen_layers(embed_dim, depth, heads, ff_mult, bool(cross_attn_cond_dim), causal=True)
        self.norm = nn.LayerNorm(embed_dim)

    def project(self, conditions: Conditions) -> Conditions:
        """Conditions as wide as the backbone, zero and hidden where they are padding."""
        return Conditions() if conditions.cross is None else shown(conditions, self.to_cross_attn_embed)

    def forward(self, x: Tensor, conditions: Conditions, cache: KeyValueCache | None = None) -> Tensor:
        """See `LMBackbone.forward`."""
        if cache is None:
            x = x + positions(0, x.shape[1], self.embed_dim, x)
        else:
            assert cache.positions is not None, "it is of new_cache"
            x = x + rows(cache.positions, cache.where, x.shape[1])
        if cache is not None and cache.takes_a_step(x):
            last: Tensor = self.norm(cache.steps(x[:, 0], cache, None, conditions.cross_mask))
            return last[:, None]
        for index, layer in enumerate(self.layers):
            kept = None if cache is None else cache.layers[index]
            x = layer(x, context=conditions.cross, context_valid=conditions.cross_mask, cache=kept)
        if cache is not None:
            cache.position += x.shape[1]
        out: Tensor = self.norm(x)
        return out

    def new_cache(self, steps: int, conditions: Conditions) -> KeyValueCache:
        """See `LMBackbone.new_cache`."""
        cache = KeyValueCache(len(self.layers), steps)
        cache.steps = steps_of(self.layers)
        cache.positions = positions(0, steps, self.embed_dim, self.norm.weight)
        return cache

    def cache_bytes(self, steps: int, batch_size: int, conditions: Conditions | None = None, width: int = 4) -> int:
        """See `LMBackbone.cache_bytes`."""
        context = 0 if conditions is None or conditions.cross is None else conditions.cross.shape[1]
        return len(self.layers) * 2 * (steps + context) * self.embed_dim * batch_size * width


def musicgen_layers(
    embed_dim: int, depth: int, heads: int, ff_mult: float, cross_attend: bool, causal: bool
) -> nn.ModuleList:
    """The layers of MusicGen and MAGNeT; causal or not, they see all of their conditions."""
    if embed_dim % heads:
        raise LanguageModelError(f"heads {heads} must divide embed_dim {embed_dim}")
    layers = nn.ModuleList()
    for _ in range(depth):
        layer = TransformerBlock(
            embed_dim,
            dim_heads=embed_dim // heads,
            dim_context=embed_dim if cross_attend else None,
            causal=causal,
            zero_init_branch_outputs=False,
            norm_kwargs={"bias": True},
        )
        if layer.cross_attn is not None:
            layer.cross_attn.causal = False
        layer.ff = GeluLayers(embed_dim, int(embed_dim * ff_mult))  # type: ignore[assignment]
        layers.append(layer)
    return layers


def shown(conditions: Conditions, projection: nn.Module) -> Conditions:
    """Projected cross-attention conditions, zero and hidden where they are padding; those of zeros are padding too."""
    assert conditions.cross is not None
    seen = (conditions.cross != 0).any(-1)
    if conditions.cross_mask is not None:
        seen = seen & conditions.cross_mask
    cross = projection(conditions.cross) * seen[..., None].to(conditions.cross.dtype)
    return Conditions(cross, seen | ~seen.any(1, keepdim=True))


def positions(start: int, end: int, width: int, like: Tensor) -> Tensor:
    """Cosines and sines of positions: `(N, D)`, in the precision of a tensor."""
    half = width // 2
    rates = torch.exp(torch.arange(half, device=like.device).float() * (-math.log(10000) / (half - 1)))
    angles = torch.arange(start, end, device=like.device).float()[:, None] * rates
    return torch.cat((angles.cos(), angles.sin()), dim=-1).to(like.dtype)


@build_lm_backbone.register
def _(config: MusicGenLMConfig) -> MusicGenBackbone:
    return MusicGenBackbone(**options(config))
