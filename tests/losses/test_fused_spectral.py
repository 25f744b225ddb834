"""The fused distance of spectra and the transform's own backward pass give the numbers of plain torch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from narrows.losses.spectral.stft import STFTLoss
from narrows.losses.spectral.transform import real_stft


def gradients(function: Callable[..., Tensor], *inputs: Tensor) -> list[Tensor]:
    leaves = [x.clone().requires_grad_() for x in inputs]
    out = function(*leaves)
    if out.is_complex():
        weight = torch.randn(out.shape, dtype=out.dtype, generator=torch.Generator().manual_seed(1))
        out = (torch.view_as_real(out) * torch.view_as_real(weight)).sum()
    return list(torch.autograd.grad(out, leaves))


@given(
    fft=st.integers(8, 65),
    hop=st.integers(1, 40),
    shorter=st.integers(0, 6),
    extra=st.integers(1, 100),
    signals=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_transform(fft: int, hop: int, shorter: int, extra: int, signals: int) -> None:
    x = torch.randn(signals, fft // 2 + extra, dtype=torch.float64, generator=torch.Generator().manual_seed(fft))
    window = torch.hann_window(fft - shorter, dtype=torch.float64) + 0.1

    def plain(x: Tensor) -> Tensor:
        return torch.stft(x, fft, hop, fft - shorter, window, return_complex=True)

    def fused(x: Tensor) -> Tensor:
        return real_stft(x, fft, hop, window)

    assert fused(x).equal(plain(x))
    torch.testing.assert_close(gradients(fused, x), gradients(plain, x))


def test_transform_has_a_second_derivative() -> None:
    x = torch.randn(1, 20, dtype=torch.float64, requires_grad=True)
    window = torch.hann_window(8, dtype=torch.float64)
    assert torch.autograd.gradgradcheck(lambda x: torch.view_as_real(real_stft(x, 8, 4, window)).square(), x)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"w_sc": 0.0},
        {"w_log_mag": 0.0},
        {"w_lin_mag": 0.7, "w_sc": 0.3, "w_log_mag": 2.0},
        {"log_eps": 0.1, "log_fac": 3.0},
        {"eps": 0.5},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_distance(options: dict[str, float], dtype: torch.dtype) -> None:
    """The loss with all parts, which is computed plainly, is the same; gradients of either side too."""
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(2, 2, 300, dtype=dtype, generator=generator) for _ in range(2))
    x[0, 0, 100:] *= 1e-6  # magnitudes at the floor have no gradient
    fused, full = STFTLoss(64, 16, 64, **options), STFTLoss(64, 16, 64, output="full", **options)
    tolerance = {"rtol": 1e-9, "atol": 1e-12} if dtype == torch.float64 else {"rtol": 1e-4, "atol": 1e-6}
    torch.testing.assert_close(fused(x, y), full(x, y)[0], **tolerance)
    wanted = gradients(lambda x, y: full(x, y)[0], x, y)
    torch.testing.assert_close(gradients(fused, x, y), wanted, **tolerance)
    torch.testing.assert_close(gradients(lambda y: fused(x, y), y), wanted[1:], **tolerance)
    torch.testing.assert_close(gradients(lambda x: fused(x, y), x), wanted[:1], **tolerance)


def test_equal_signals_have_a_gradient_of_zero() -> None:
    x = torch.randn(1, 1, 300, generator=torch.Generator().manual_seed(0))
    (found,) = gradients(lambda y: STFTLoss(64, 16, 64)(x, y), x)
    assert found.equal(torch.zeros_like(x))


def test_silence_has_a_finite_gradient() -> None:
    x = torch.randn(1, 1, 300, generator=torch.Generator().manual_seed(0))
    for found in gradients(STFTLoss(64, 16, 64), torch.zeros_like(x), x):
        assert bool(torch.isfinite(found).all())
