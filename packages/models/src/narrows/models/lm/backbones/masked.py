"""The transformer of MAGNeT (Ziv et al. 2024, arXiv 2401.04577): MusicGen's layers, which see in both directions."""

from __future__ import annotations

from torch import Tensor, nn

from narrows.models.blocks.transformer.windows import Window
from narrows.models.lm.backbones.musicgen import musicgen_layers, positions, shown
from narrows.models.lm.conditions import Conditions


class MaskedBackbone(nn.Module):
    """Self-attention, cross-attention and GELU layers behind norms, with sinusoidal positions; see `MusicGenBackbone`.

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
        super().__init__()
        self.embed_dim = embed_dim
        if cross_attn_cond_dim:
            self.to_cross_attn_embed = nn.Linear(cross_attn_cond_dim, embed_dim)
        self.layers = musicgen_layers(embed_dim, depth, heads, ff_mult, bool(cross_attn_cond_dim), causal=False)
        self.norm = nn.LayerNorm(embed_dim)

    def project(self, conditions: Conditions) -> Conditions:
        """Conditions as wide as the backbone, zero and hidden where they are padding."""
        return Conditions() if conditions.cross is None else shown(conditions, self.to_cross_attn_embed)

    def forward(
        self, x: Tensor, conditions: Conditions, window: Window | None = None, valid: Tensor | None = None
    ) -> Tensor:
        """Transform embedded tokens `(B, T, D)`.

        Args:
            x: the tokens.
            conditions: projected ones.
            window: how many tokens before and after itself a token sees; None for all.
            valid: `(B, T)`, false for padding, which no token sees; None for none.
        """
        x = x + positions(0, x.shape[1], self.embed_dim, x)
        for layer in self.layers:
            x = layer(x, context=conditions.cross, context_valid=conditions.cross_mask, window=window, valid=valid)
        out: Tensor = self.norm(x)
        return out
