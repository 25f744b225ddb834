"""Attention within a window against the same attention with a mask of all queries and keys."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from narrows.models.blocks.transformer.windows import attend


def dense(q: Tensor, k: Tensor, v: Tensor, seen: Tensor, scale: float | None) -> Tensor:
    return F.scaled_dot_product_attention(q, k, v, attn_mask=seen, scale=scale)


def random(length: int) -> list[Tensor]:
    return list(torch.randn(3, 2, 2, length, 4, generator=torch.Generator().manual_seed(length)))


@given(st.integers(1, 200), st.integers(0, 90), st.integers(0, 90), st.booleans())
def test_cut_windows(length: int, left: int, right: int, causal: bool) -> None:
    q, k, v = random(length)
    offset = torch.arange(length) - torch.arange(length)[:, None]
    wanted = dense(q, k, v, (offset >= -left) & (offset <= (0 if causal else right)), None)
    torch.testing.assert_close(attend(q, k, v, causal, (left, right)), wanted, atol=1e-5, rtol=1e-4)


@given(st.integers(1, 200), st.integers(0, 90), st.integers(0, 90))
def test_shifted_windows(length: int, left: int, right: int) -> None:
    """Near an end, a query sees the nearest keys: as many as in the middle, or all there are."""
    q, k, v = random(length)
    size = min(length, left + right + 1)
    seen = torch.zeros(length, length, dtype=torch.bool)
    for query in range(length):
        first = min(max(query - left, 0), length - size)
        seen[query, first : first + size] = True
    got = attend(q, k, v, window=(left, right), shifted=True, scale=1.0)
    torch.testing.assert_close(got, dense(q, k, v, seen, 1.0), atol=1e-5, rtol=1e-4)


class Largest(TorchDispatchMode):
    """Elements of the largest tensor that anything returned."""

    elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        sizes = [leaf.numel() for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
        self.elements = max(self.elements, *sizes, 0)
        return out


def test_memory_grows_with_the_length_only() -> None:
    sizes = []
    for length in (4096, 16384):
        q = torch.randn(1, 1, length, 4)
        with Largest() as largest:
            attend(q, q, q, window=(31, 32))
        sizes.append(largest.elements)
    assert sizes[1] <= 4 * sizes[0]
    assert sizes[1] < 16384**2 / 16
