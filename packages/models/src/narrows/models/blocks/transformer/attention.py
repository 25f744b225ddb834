"""Multi-head attention with the options of Stable Audio's transformers."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.transformer.cache import AttentionCache, causal_mask, context_mask
from narrows.models.blocks.transformer.norms import DynamicTanh, RMSNorm
from narrows.models.blocks.transformer.places import Position
from narrows.models.blocks.transformer.rotary import apply_rotary
from narrows.models.blocks.transformer.windows import Window, attend
from narrows.models.kernels import Kernel, attention
from narrows.models.receptive_field import ReceptiveField, obstacle

QKNorm = Literal["none", "l2", "ln", "rms", "dyt"]


class Attention(nn.Module):
    """Self-attention, or cross-attention to a context.

    Args:
        dim: width.
        dim_heads: width of a head.
        dim_context: width of the context; None for self-attention. A context narrower than `dim` has fewer heads,
            and each serves several heads of the queries (grouped-query attention, Ainslie et al. 2023).
        causal: no token sees a later one.
        zero_init_output: start with an output of zero.
        qk_norm: normalisation of queries and keys.
        qk_norm_eps: epsilon of that normalisation.
        differential: subtract a second attention map (after Ye et al. 2024, without its learned weight).
        feat_scale: learned gains of the mean over tokens and of what deviates from it (Wang et al. 2022).
        dyt_alpha: initial α of `dyt`.
        shift_window: windows near an end are moved inwards instead of cut off; see `attend`.
        scale: factor of the logits; None for `1 / sqrt(dim_heads)`.

    Shape:
        `(B, N, D)`, context `(B, M, dim_context)` → `(B, N, D)`
    """

    def __init__(
        self,
        dim: int,
        dim_heads: int = 64,
        dim_context: int | None = None,
        causal: bool = False,
        zero_init_output: bool = True,
        qk_norm: QKNorm = "none",
        qk_norm_eps: float = 1e-6,
        differential: bool = False,
        feat_scale: bool = False,
        dyt_alpha: float = 10.0,
        shift_window: bool = False,
        scale: float | None = None,
    ) -> None:
        super().__init__()
        dim_kv = dim if dim_context is None else dim_context
        self.num_heads, self.kv_heads = dim // dim_heads, dim_kv // dim_heads
        if self.kv_heads < 1 or self.num_heads % self.kv_heads:
            raise ValueError(
                f"{self.num_heads} heads of width {dim_heads} cannot share the {self.kv_heads} heads of a context of "
                f"width {dim_kv}: make it a multiple of {dim_heads} that divides {dim}"
            )
        self.causal = causal
        self.shift_window = shift_window
        self.scale = scale
        self.differential = differential
        if dim_context is None:
            self.to_qkv = nn.Linear(dim, dim * (5 if differential else 3), bias=False)
        else:
            self.to_q = nn.Linear(dim, dim * (2 if differential else 1), bias=False)
            self.to_kv = nn.Linear(dim_kv, dim_kv * (3 if differential else 2), bias=False)
        self.is_cross = dim_context is not None
        self.to_out = nn.Linear(dim, dim, bias=False)
        if zero_init_output:
            nn.init.zeros_(self.to_out.weight)
        self.qk_norm = qk_norm
        self.qk_norm_eps = qk_norm_eps
        if qk_norm not in ("none", "l2"):
            self.q_norm, self.k_norm = (_qk_norm(qk_norm, dim_heads, qk_norm_eps, dyt_alpha) for _ in range(2))
        self.feat_scale = feat_scale
        if feat_scale:
            self.lambda_dc = nn.Parameter(torch.zeros(dim))
            self.lambda_hf = nn.Parameter(torch.zeros(dim))

    def forward(
        self,
        x: Tensor,
        context: Tensor | None = None,
        rotary: Tensor | None = None,
        context_rotary: Tensor | None = None,
        window: Window | None = None,
        valid: Tensor | None = None,
        zero_values: bool = False,
        queries_valid: Tensor | None = None,
        cache: AttentionCache | None = None,
        position: Position = 0,
    ) -> Tensor:
        """Attend.

        Args:
            x: `(B, N, D)`.
            context: `(B, M, dim_context)` for cross-attention.
            rotary: angles `(N, R)` of the queries; None for no positions.
            context_rotary: angles `(M, R)` of the context; those of the queries in self-attention.
            window: `(left, right)` tokens that a token sees around itself; None for all.
            valid: `(B, M)`, false for tokens of the context, or of `x`, that are padding; None for no padding.
            zero_values: padding keeps its share of the softmax and has values of zero, as where Stable Audio 3 runs
                without flash-attention; what a token sees then depends on how much padding there is.
            queries_valid: `(B, N)`, false for tokens of `x` that are left out of means over tokens (`feat_scale`).
            cache: keys and values of the tokens before `x`, which are added to it; in cross-attention those of the
                context. Only of causal attention, or of cross-attention.
            position: tokens before `x`.
        """
        if cache is not None:
            heads = self._continue(x, context, rotary, window, valid, cache, position)
        else:
            queries, keys, v = self._project(x, x if context is None else context)
            turns = (rotary, rotary if context_rotary is None else context_rotary)
            seen = valid
            if valid is not None and zero_values:
                v, seen = v * valid[:, None, :, None], None
            heads = [self._attend(q, k, v, turns, window, seen) for q, k in zip(queries, keys, strict=True)]
        mixed = heads[0] - heads[1] if self.differential else heads[0]
        out: Tensor = self.to_out(mixed.transpose(1, 2).flatten(-2))
        if self.feat_scale:
            mean = out.mean(dim=-2, keepdim=True) if queries_valid is None else _mean(out, queries_valid)
            out = out + self.lambda_dc * mean + self.lambda_hf * (out - mean)
        return out

    def kernels(self) -> list[Kernel]:
        """See `narrows.models.kernels`."""
        return [attention(self.num_heads, self.to_out.in_features // self.num_heads)]

    def receptive_field(self, window: Window | None = None) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        if window is None or self.is_cross or self.feat_scale:
            reason = "takes means over all tokens" if self.feat_scale else "attends to all tokens"
            return obstacle(self, reason)
        before, after = Fraction(window[0]), Fraction(0 if self.causal else window[1])
        inwards = before + after if self.shift_window and not self.causal else Fraction(0)
        return ReceptiveField(left=before, right=after, head=inwards, tail=inwards)

    def _project(self, x: Tensor, context: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Queries and keys, two of each where attention is differential, and values, split into heads."""
        maps = 2 if self.differential else 1
        if self.is_cross:
            queries = list(self.to_q(x).chunk(maps, dim=-1))
            *keys, v = self.to_kv(context).chunk(maps + 1, dim=-1)
        else:
            q, k, v, *second = self.to_qkv(x).chunk(2 * maps + 1, dim=-1)
            queries, keys = [q, *second[:1]], [k, *second[1:]]
        return (
            [_heads(q, self.num_heads) for q in queries],
            [_heads(k, self.kv_heads) for k in keys],
            _heads(v, self.kv_heads),
        )

    def _attend(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        turns: tuple[Tensor | None, Tensor | None],
        window: Window | None,
        valid: Tensor | None,
    ) -> Tensor:
        q, k = self._turned(q, k, v.dtype, turns)
        k, v = self._shared(k), self._shared(v)
        causal = bool(self.causal and q.shape[-2] > 1)
        options = {"causal": causal, "window": window, "shifted": self.shift_window, "scale": self.scale}
        return attend(q, k, v, **options, valid=valid)  # type: ignore[arg-type]

    def _continue(
        self,
        x: Tensor,
        context: Tensor | None,
        rotary: Tensor | None,
        window: Window | None,
        valid: Tensor | None,
        cache: AttentionCache,
        position: Position,
    ) -> list[Tensor]:
        """Attend from new tokens to those in the cache."""
        if self.is_cross and cache.values is not None:
            queries = [_heads(q, self.num_heads) for q in self.to_q(x).chunk(2 if self.differential else 1, dim=-1)]
            queries = [self._normalised(q, q, x.dtype)[0] for q in queries]
            keys, v = cache.keys, cache.values
        else:
            queries, keys, v = self._project(x, x if context is None else context)
            turns = (None, None) if self.is_cross else (rotary, rotary)
            turned = [self._turned(q, k, v.dtype, turns) for q, k in zip(queries, keys, strict=True)]
            queries, keys = [q for q, _ in turned], [k for _, k in turned]
            if self.is_cross:
                cache.keys, cache.values = keys, v
            else:
                keys, v = cache.extend(keys, v, position)
        mask = None if valid is None else valid[:, None, None]
        if mask is None and self.causal and self.is_cross:
            mask = context_mask(x.shape[1], position, v.shape[-2], x.device)
        elif self.causal and not self.is_cross:
            mask = causal_mask(x.shape[1], position, window, None, x.device)
        v = self._shared(v)
        return [
            F.scaled_dot_product_attention(q, self._shared(k), v, attn_mask=mask, scale=self.scale)
            for q, k in zip(queries, keys, strict=True)
        ]

    def _turned(
        self, q: Tensor, k: Tensor, dtype: torch.dtype, turns: tuple[Tensor | None, Tensor | None]
    ) -> tuple[Tensor, Tensor]:
        """Queries and keys, normalised and rotated by position."""
        q, k = self._normalised(q, k, dtype)
        if turns[0] is not None and turns[1] is not None:
            q, k = apply_rotary(q, turns[0]), apply_rotary(k, turns[1])
        return q, k

    def _shared(self, x: Tensor) -> Tensor:
        """Keys or values for every head of the queries."""
        share = self.num_heads // self.kv_heads
        return x if share == 1 else x.repeat_interleave(share, dim=1)

    def _normalised(self, q: Tensor, k: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        if self.qk_norm == "none":
            return q, k
        if self.qk_norm == "l2":
            return F.normalize(q, dim=-1, eps=self.qk_norm_eps), F.normalize(k, dim=-1, eps=self.qk_norm_eps)
        return self.q_norm(q).to(dtype), self.k_norm(k).to(dtype)


def _mean(x: Tensor, valid: Tensor) -> Tensor:
    """The mean over tokens that are no padding: `(B, N, D)` → `(B, 1, D)`."""
    kept = valid[:, :, None]
    return (x * kept).sum(dim=-2, keepdim=True) / kept.sum(dim=-2, keepdim=True).clamp(min=1)


def _heads(x: Tensor, heads: int) -> Tensor:
    """`(B, N, H * F)` → `(B, H, N, F)`."""
    return x.reshape(*x.shape[:-1], heads, -1).transpose(1, 2)


def _qk_norm(kind: QKNorm, dim: int, eps: float, dyt_alpha: float) -> nn.Module:
    if kind == "ln":
        return nn.LayerNorm(dim, eps=eps)
    if kind == "rms":
        return RMSNorm(dim, eps=eps)
    if kind == "dyt":
        return DynamicTanh(dim, dyt_alpha)
    raise ValueError(f"qk_norm must be one of none, l2, ln, rms, dyt; got {kind!r}")
