"""A transformer block with the options of Stable Audio's transformers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.transformer.attention import Attention
from narrows.models.blocks.transformer.cache import BlockCache
from narrows.models.blocks.transformer.conformer import ConformerModule
from narrows.models.blocks.transformer.feedforward import FeedForward
from narrows.models.blocks.transformer.norms import DynamicTanh, LayerNorm, LayerScale, RMSNorm
from narrows.models.blocks.transformer.places import embedded
from narrows.models.blocks.transformer.rotary import RotaryEmbedding
from narrows.models.blocks.transformer.windows import Window
from narrows.models.receptive_field import ReceptiveField, chain

NormType = Literal["layer_norm", "rms_norm", "dyt"]


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention, a convolution module and a feed-forward layer, each around a skip connection.

    Args:
        dim: width.
        dim_heads: width of a head; `dim` where that is narrower.
        dim_context: width of the context of the cross-attention; None for no cross-attention.
        global_cond: whether a vector an item shifts, scales and gates the layers (adaptive layer norm, Peebles &
            Xie 2022).
        local_add_cond_dim: width of what is added to each token in front of the feed-forward layer; None for nothing.
        modular_local_cond_dims: widths of further such conditions by name, each with layers of its own.
        causal: no token sees a later one.
        zero_init_branch_outputs: start as the identity; not together with `layer_scale`, which does so itself.
        conformer: add a convolution module.
        add_rope: rotate by position over half of each head where the caller gives no angles.
        layer_scale: learned scales of the branches.
        norm_type: normalisation in front of each branch.
        dyt_alpha: initial α of `dyt`.
        attn_kwargs: options of `Attention`.
        ff_kwargs: options of `FeedForward`.
        norm_kwargs: options of `LayerNorm` or `RMSNorm`; `dyt` has none.

    Shape:
        `(B, N, D)` → `(B, N, D)`
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        dim: int,
        dim_heads: int = 64,
        dim_context: int | None = None,
        global_cond: bool = False,
        local_add_cond_dim: int | None = None,
        modular_local_cond_dims: Mapping[str, int] | None = None,
        causal: bool = False,
        zero_init_branch_outputs: bool = True,
        conformer: bool = False,
        add_rope: bool = False,
        layer_scale: bool = False,
        norm_type: NormType = "layer_norm",
        dyt_alpha: float = 10.0,
        attn_kwargs: Mapping[str, Any] | None = None,
        ff_kwargs: Mapping[str, Any] | None = None,
        norm_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        dim_heads, norm_kwargs = min(dim_heads, dim), dict(norm_kwargs or {})
        zero = zero_init_branch_outputs and not layer_scale
        attention: dict[str, Any] = {"dim_heads": dim_heads, "causal": causal, "dyt_alpha": dyt_alpha}
        attention |= {"zero_init_output": zero, **(attn_kwargs or {})}
        norm = _norm_factory(norm_type, dyt_alpha, norm_kwargs)
        scale: Callable[[int], nn.Module] = LayerScale if layer_scale else nn.Identity
        self.pre_norm = norm(dim)
        self.self_attn = Attention(dim, **attention)
        self.self_attn_scale = scale(dim)
        self.cross_attn: Attention | None = None
        if dim_context is not None:
            self.cross_attend_norm = norm(dim)
            self.cross_attn = Attention(dim, dim_context=dim_context, **attention)
            self.cross_attn_scale = scale(dim)
        self.ff_norm = norm(dim)
        self.ff = FeedForward(dim, zero_init_output=zero, **(ff_kwargs or {}))
        self.ff_scale = scale(dim)
        self.conformer: ConformerModule | None = None
        if conformer:
            self.conformer = ConformerModule(dim, **norm_kwargs)
            self.conformer_scale = scale(dim)
        self.to_scale_shift_gate: nn.Parameter | None = None
        if global_cond:
            self.to_scale_shift_gate = nn.Parameter(torch.randn(6 * dim) / dim**0.5)
        self.to_local_embed = None if local_add_cond_dim is None else _local_embedding(local_add_cond_dim, dim)
        self.modular_local_embeds = nn.ModuleDict(
            {name: _local_embedding(width, dim) for name, width in (modular_local_cond_dims or {}).items()}
        )
        self.rope = RotaryEmbedding(dim_heads // 2) if add_rope else None

    def forward(
        self,
        x: Tensor,
        *,
        context: Tensor | None = None,
        global_cond: Tensor | None = None,
        rotary: Tensor | None = None,
        context_rotary: Tensor | None = None,
        local_add_cond: Tensor | None = None,
        modular_local_cond: Mapping[str, Tensor] | None = None,
        window: Window | None = None,
        valid: Tensor | None = None,
        context_valid: Tensor | None = None,
        zero_values: bool = False,
        cache: BlockCache | None = None,
    ) -> Tensor:
        """Transform tokens.

        Args:
            x: `(B, N, D)`.
            context: `(b, M, dim_context)` to attend to; items after the first b have none.
            global_cond: `(B, 6 * D)`: scale, shift and gate of self-attention, then of the feed-forward layer.
            rotary: angles `(N, R)` that several blocks share.
            context_rotary: angles `(M, R)` of the context; None for cross-attention without positions.
            local_add_cond: `(B, n, local_add_cond_dim)`, aligned with the last n tokens.
            modular_local_cond: such conditions by name; those that are missing add nothing.
            window: `(left, right)` tokens that a token sees around itself in self-attention.
            valid: `(B, N)`, false for padding, which changes no other token then; None for no padding.
            context_valid: `(b, M)`, false for tokens of the context that are left out; None for none.
            zero_values: see `Attention`; of `valid`, which then has no other effect.
            cache: keys and values of the tokens before `x`; only of causal blocks without convolutions.
        """
        position = 0 if cache is None else cache.where
        if rotary is None and self.rope is not None:
            rotary = embedded(self.rope, position, x.shape[-2])
        modulation: tuple[Tensor | None, ...] = (None,) * 6
        if self.to_scale_shift_gate is not None and global_cond is not None:
            modulation = (self.to_scale_shift_gate + global_cond).unsqueeze(1).chunk(6, dim=-1)
        scale, shift, gate, ff_scale, ff_shift, ff_gate = modulation
        kept = None if zero_values else valid
        attended = self.self_attn(
            _modulated(self.pre_norm(x), scale, shift),
            rotary=rotary,
            window=window,
            valid=valid,
            zero_values=zero_values,
            queries_valid=kept,
            cache=None if cache is None else cache.self_attn,
            position=position,
        )
        x = x + self.self_attn_scale(_gated(attended, gate))
        if self.cross_attn is not None and context is not None and cache is not None:
            attended = self.cross_attn(
                self.cross_attend_norm(x), context, valid=context_valid, cache=cache.cross_attn, position=position
            )
            x = x + self.cross_attn_scale(attended)
        elif self.cross_attn is not None and context is not None:
            turn = None if context_rotary is None else rotary
            x = self._cross_attend(
                x, context, rotary=turn, context_rotary=context_rotary, valid=context_valid, queries_valid=kept
            )
        if self.conformer is not None:
            x = x + self.conformer_scale(self.conformer(x, kept))
        x = self._add_local(x, local_add_cond, modular_local_cond)
        out: Tensor = x + self.ff_scale(_gated(self.ff(_modulated(self.ff_norm(x), ff_scale, ff_shift), kept), ff_gate))
        return out

    def _cross_attend(self, x: Tensor, context: Tensor, **options: Tensor | None) -> Tensor:
        """Attend to the context where an item has one; attention to zeros, without biases, would give zeros."""
        assert self.cross_attn is not None
        # Of the shape: a graph with a free batch has no `len`.
        items = context.shape[0]
        if items == x.shape[0]:  # slices of all items would cost a copy of the gradient each
            out: Tensor = x + self.cross_attn_scale(self.cross_attn(self.cross_attend_norm(x), context, **options))
            return out
        told = x[:items]
        counted = options.pop("queries_valid")
        options["queries_valid"] = None if counted is None else counted[:items]
        told = told + self.cross_attn_scale(self.cross_attn(self.cross_attend_norm(told), context, **options))
        return torch.cat((told, x[items:]))

    def _add_local(self, x: Tensor, local: Tensor | None, modular: Mapping[str, Tensor] | None) -> Tensor:
        """Add what belongs to single tokens."""
        if self.to_local_embed is not None and local is not None:
            x = x + _at_the_end(self.to_local_embed(local), x.shape[1])
        for name, embed in self.modular_local_embeds.items():
            if modular is not None and name in modular:
                x = x + _at_the_end(embed(modular[name]), x.shape[1])
        return x

    def receptive_field(self, window: Window | None = None) -> ReceptiveField:
        """See `narrows.models.streaming`; of the layers that see other tokens, and without a context."""
        convolutions = [self.conformer, self.ff] if self.conformer is not None else [self.ff]
        return chain(self.self_attn.receptive_field(window), *convolutions)


def _modulated(x: Tensor, scale: Tensor | None, shift: Tensor | None) -> Tensor:
    return x if scale is None or shift is None else x * (1 + scale) + shift


def _gated(x: Tensor, gate: Tensor | None) -> Tensor:
    return x if gate is None else x * torch.sigmoid(1 - gate)


def _local_embedding(dim_in: int, dim: int) -> nn.Sequential:
    layers = nn.Sequential(nn.Linear(dim_in, dim), nn.SiLU(), nn.Linear(dim, dim))
    for parameter in layers[-1].parameters():
        nn.init.zeros_(parameter)
    return layers


def _at_the_end(x: Tensor, length: int) -> Tensor:
    """Pad with zeros in front, or cut, to a length: its tokens follow prepended ones."""
    return F.pad(x, (0, 0, max(length - x.shape[1], 0), 0))[:, -length:]


def _norm_factory(kind: NormType, dyt_alpha: float, options: Mapping[str, Any]) -> Callable[[int], nn.Module]:
    if kind == "dyt":
        return lambda dim: DynamicTanh(dim, dyt_alpha)
    types = {"layer_norm": LayerNorm, "rms_norm": RMSNorm}
    if kind not in types:
        raise ValueError(f"norm_type must be one of layer_norm, rms_norm, dyt; got {kind!r}")
    return lambda dim: types[kind](dim, **options)
