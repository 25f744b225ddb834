"""The search for the nearest code, a few thousand rows at a time.

The similarities of ten seconds of frames to a thousand codes are an array larger than any processor's cache, which
each operation would write to memory and read back; in pieces they stay in the cache, and need no memory.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

BLOCK = 2**19
"""Similarities at a time: 2 MB in float32."""


def nearest(rows: Tensor, codes: int, similarity: Callable[[Tensor], Tensor]) -> Tensor:
    """The index of each row's nearest code; the first one where several are.

    Args:
        rows: `(..., D)`.
        codes: number of codes (N).
        similarity: from `(R, D)` to `(R, N)`, the nearer, the larger.

    Returns:
        `(...)`, int64.
    """
    # A graph has no use for pieces, and a GPU needs them only where memory is short.
    if torch.compiler.is_compiling() or rows.device.type != "cpu":
        return similarity(rows).argmax(-1)
    blocks = torch.split(rows.flatten(0, -2), max(1, BLOCK // codes))
    return torch.cat([similarity(block).argmax(-1) for block in blocks]).reshape(rows.shape[:-1])
