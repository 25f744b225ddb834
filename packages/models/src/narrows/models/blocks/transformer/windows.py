"""Attention within a window, in memory that grows with the length and not with its square."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

Window = tuple[int, int]
"""How many tokens before and after itself a query sees."""


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool = False, window: Window | None = None) -> Tensor:
    """Scaled dot-product attention, of all tokens or within a window.

    Args:
        q: `(B, H, N, F)`.
        k: `(B, H, M, F)`.
        v: `(B, H, M, F)`.
        causal: no query sees a later key.
        window: `(left, right)`: query i sees key j when `-left <= j - i <= right`; None for no bound.

    Returns:
        `(B, H, N, F)`
    """
    if window is None:
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    left, right = window[0], 0 if causal else window[1]
    if q.shape[-2] != k.shape[-2]:
        raise ValueError(f"A window needs as many queries as keys, got {q.shape[-2]} and {k.shape[-2]}")
    return _windowed(q, k, v, left, right)


def _windowed(q: Tensor, k: Tensor, v: Tensor, left: int, right: int, smallest: int = 64) -> Tensor:
    """Attend in blocks of queries, each with the keys of its block and a margin on both sides."""
    length = q.shape[-2]
    block = max(smallest, left + right)
    blocks = -(-length // block)
    tail = blocks * block - length
    queries = F.pad(q, (0, 0, 0, tail)).reshape(*q.shape[:-2], blocks, block, q.shape[-1])
    keys, values = (
        F.pad(x, (0, 0, left, right + tail)).unfold(-2, left + block + right, block).transpose(-1, -2) for x in (k, v)
    )
    mask = _band(length, blocks, block, left, right, q.device)
    out = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    return out.flatten(-3, -2)[..., :length, :]


def _band(length: int, blocks: int, block: int, left: int, right: int, device: torch.device) -> Tensor:
    """Which keys of its block and margins a query sees: `(blocks, block, left + block + right)`."""
    starts = torch.arange(blocks, device=device)[:, None, None] * block
    query = starts + torch.arange(block, device=device)[:, None]
    key = starts - left + torch.arange(left + block + right, device=device)
    seen = (key - query >= -left) & (key - query <= right) & (key >= 0) & (key < length)
    return seen | (query >= length)  # padded queries are dropped; a row that sees nothing would be NaN
