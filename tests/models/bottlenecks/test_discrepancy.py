"""The chunked discrepancy against the formula of the reference."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from narrows.models.blocks import discrepancy
from narrows.models.blocks.discrepancy import mean_discrepancy


def reference(x: Tensor, y: Tensor) -> Tensor:
    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-(a[:, None] - b[None]).pow(2).mean(2) / a.shape[1]).mean()

    return kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)


@given(rows=st.integers(1, 40), others=st.integers(1, 40), channels=st.integers(1, 9), chunk=st.integers(1, 200))
@settings(max_examples=40, deadline=None)
def test_value_and_gradients_are_those_of_the_formula(rows: int, others: int, channels: int, chunk: int) -> None:
    generator = torch.Generator().manual_seed(rows * 1000 + others)
    x = torch.randn(rows, channels, generator=generator, dtype=torch.float64).mul(2).requires_grad_()
    y = torch.randn(others, channels, generator=generator, dtype=torch.float64).requires_grad_()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discrepancy, "ELEMENTS", chunk)
        ours = mean_discrepancy(x, y)
    theirs = reference(x, y)
    torch.testing.assert_close(ours, theirs)
    for mine, other in zip(torch.autograd.grad(ours, [x, y]), torch.autograd.grad(theirs, [x, y]), strict=True):
        torch.testing.assert_close(mine, other, atol=1e-10, rtol=1e-7)


def test_a_large_common_mean_does_not_swamp_the_differences() -> None:
    x, y = torch.randn(2, 50, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    exact = reference(x, y)
    torch.testing.assert_close(
        mean_discrepancy((x + 300).float(), (y + 300).float()).double(), exact, atol=2e-5, rtol=1e-3
    )
