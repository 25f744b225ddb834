"""Attention within a window, in memory that grows with the length and not with its square."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

Window = tuple[int, int]
"""How many tokens before and after itself a query sees."""


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    causal: bool = False,
    window: Window | None = None,
    shifted: bool = False,
    scale: float | None = None,
    valid: Tensor | None = None,
) -> Tensor:
    """Scaled dot-product attention, of all tokens or within a window.

    Args:
        q: `(B, H, N, F)`.
        k: `(B, H, M, F)`.
        v: `(B, H, M, F)`.
        causal: no query sees a later key.
        window: `(left, right)`: query i sees key j when `-left <= j - i <= right`; None for no bound.
        shifted: move the window of a query near an end inwards instead of cutting it off, so that every query sees
            as many keys (neighbourhood attention, Hassani et al. 2023); not with `causal`.
        scale: factor of the logits; None for `1 / sqrt(F)`.
        valid: `(B, M)`, false for keys that no query sees; not with `shifted`. A query left without keys sees all.

    Returns:
        `(B, H, N, F)`
    """
    if window is None:
        if valid is None:
            return F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=_seen(valid, q.shape[-2], causal), scale=scale)
    if valid is not None and shifted:
        raise ValueError("A shifted window cannot leave out padding: it is moved inwards from the end of all keys")
    left, right = window[0], 0 if causal else window[1]
    if q.shape[-2] != k.shape[-2]:
        raise ValueError(f"A window needs as many queries as keys, got {q.shape[-2]} and {k.shape[-2]}")
    return _windowed(q, k, v, left, right, shifted and not causal, scale, valid)


def _seen(valid: Tensor, queries: int, causal: bool) -> Tensor:
    """`(B, 1, 1 or N, M)`: which keys a query sees; all where it would see none, which would be NaN."""
    seen = valid[:, None, None, :]
    if causal:
        seen = seen & torch.ones(queries, valid.shape[-1], dtype=torch.bool, device=valid.device).tril()
    return seen | ~seen.any(dim=-1, keepdim=True)


def _windowed(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    before: int,
    after: int,
    shifted: bool,
    scale: float | None,
    valid: Tensor | None = None,
    smallest: int = 64,
) -> Tensor:
    """Attend in blocks of queries, each with the keys of its block and a margin on both sides."""
    length = q.shape[-2]
    left, right = (before + after, before + after) if shifted else (before, after)
    block = max(smallest, left + right)
    # A graph with a free length must not ask whether the last block is full: it always has one more, of padding.
    blocks = length // block + 1 if torch.compiler.is_exporting() else -(-length // block)
    tail = blocks * block - length
    # Batch and heads become one axis: fused kernels take four axes and no more.
    queries = F.pad(q, (0, 0, 0, tail)).reshape(-1, blocks, block, q.shape[-1])
    keys, values = (
        F.pad(x.flatten(0, 1), (0, 0, left, right + tail)).unfold(-2, left + block + right, block).transpose(-1, -2)
        for x in (k, v)
    )
    starts = torch.arange(blocks, device=q.device)[:, None, None] * block
    query = starts + torch.arange(block, device=q.device)[:, None]
    key = starts - left + torch.arange(left + block + right, device=q.device)
    first = query - before
    if shifted:
        first = first.clamp(0, max(0, length - 1 - before - after))
    seen = (key >= first) & (key <= first + before + after) & (key >= 0) & (key < length)
    seen = seen | (query >= length)  # padded queries are dropped; a row that sees nothing would be NaN
    if valid is not None:
        keys_valid = F.pad(valid, (left, right + tail)).unfold(-1, left + block + right, block)
        heads = q.shape[1]
        seen = seen & keys_valid.repeat_interleave(heads, dim=0)[:, :, None, :]
        seen = seen | ~seen.any(dim=-1, keepdim=True)
    out = F.scaled_dot_product_attention(queries, keys, values, attn_mask=seen, scale=scale)
    return out.flatten(-3, -2)[..., :length, :].reshape(q.shape)
