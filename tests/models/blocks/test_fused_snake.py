"""Snake in few passes gives the numbers of Snake written plainly."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from narrows.models.blocks.activations import Snake, SnakeBeta
from narrows.models.blocks.fused_snake import snake


def plain(x: Tensor, frequency: Tensor, gain: Tensor) -> Tensor:
    return x + gain * torch.sin(frequency * x).square()


def drawn(seed: int, shape: tuple[int, int, int], dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = 3 * torch.randn(shape, generator=generator)
    frequency, gain = (torch.randn(shape[1], 1, generator=generator).exp() for _ in range(2))
    return tuple(tensor.to(dtype).requires_grad_() for tensor in (x, frequency, gain))  # type: ignore[return-value]


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 5), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_values_and_gradients_are_those_of_the_plain_formula(seed: int, batch: int, channels: int, frames: int) -> None:
    inputs = drawn(seed, (batch, channels, frames))
    upstream = torch.randn(inputs[0].shape, generator=torch.Generator().manual_seed(seed))
    found, wanted = snake(*inputs), plain(*inputs)
    assert found.equal(wanted)
    for ours, theirs in zip(*(torch.autograd.grad(y, inputs, upstream) for y in (found, wanted)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=2e-4)


def test_gradients_of_first_and_second_order() -> None:
    inputs = drawn(0, (2, 3, 5), torch.float64)
    assert torch.autograd.gradcheck(snake, inputs)
    assert torch.autograd.gradgradcheck(snake, inputs)


def test_small_gains_keep_their_gradient() -> None:
    """It comes from the difference of output and input, which is small where the gain is."""
    inputs = drawn(0, (2, 3, 500))
    beta = torch.full((3, 1), 7.0, requires_grad=True)  # a gain of 0.001
    gradients = [torch.autograd.grad(f(inputs[0], inputs[1], (-beta).exp()).sum(), beta)[0] for f in (snake, plain)]
    torch.testing.assert_close(*gradients, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("build", [Snake, SnakeBeta])
def test_half_precision(build: Any, dtype: torch.dtype) -> None:
    module = build(4).to(dtype)
    x = torch.randn(2, 4, 8, dtype=dtype, requires_grad=True)
    with torch.no_grad():
        wanted = module(x)
    found = module(x)
    found.sum().backward()
    torch.testing.assert_close(found, wanted, rtol=2e-2, atol=2e-2)
    assert all(tensor.grad is not None and tensor.grad.dtype == dtype for tensor in (x, *module.parameters()))


def test_full_precision_parameters_with_half_precision_input() -> None:
    module = SnakeBeta(4)
    x = torch.randn(2, 4, 8, dtype=torch.bfloat16, requires_grad=True)
    module(x).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == torch.bfloat16
    assert module.alpha.grad is not None


def test_only_input_and_output_are_kept() -> None:
    kept: list[Tensor] = []
    x = torch.randn(2, 4, 1000, requires_grad=True)
    module = SnakeBeta(4)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):  # type: ignore[func-returns-value]
        out = module(x)
    large = {tensor.data_ptr() for tensor in kept if tensor.numel() == x.numel()}
    assert large == {x.data_ptr(), out.data_ptr()}


def test_frozen_parameters_get_no_gradient() -> None:
    module = SnakeBeta(4).requires_grad_(False)
    x = torch.randn(2, 4, 8, requires_grad=True)
    module(x).sum().backward()
    assert x.grad is not None
    assert module.alpha.grad is None
