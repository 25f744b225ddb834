"""Transforms of magnitudes and their inverses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from narrows.configs import ClassTransformConfig, ConfigError, load_part
from narrows.models.spectral.layout import pack_complex
from narrows.models.spectral.transforms.identity import IdentityTransform
from narrows.models.spectral.transforms.log_mag import LogMagnitudeTransform
from narrows.models.spectral.transforms.naming import transform_of
from narrows.models.spectral.transforms.power_norm import PowerNormTransform

CLASS = "ar_spectra.models.modules"


def spectrogram(seed: int, scale: float = 1.0) -> Tensor:
    noise = torch.randn(2, 2, 9, 7, dtype=torch.complex64, generator=torch.Generator().manual_seed(seed))
    return scale * noise


@given(st.integers(0, 50), st.floats(0.01, 30), st.floats(0.3, 1), st.floats(0.1, 4))
def test_inverses(seed: int, scale: float, alpha: float, beta: float) -> None:
    x = spectrogram(seed, scale)
    for transform in (PowerNormTransform(alpha, beta), LogMagnitudeTransform(alpha), IdentityTransform()):
        for given_ in (x, pack_complex(x)):
            there = transform.transform(given_)
            assert there.is_complex() == given_.is_complex()
            assert (transform.inverse(there) - given_).abs().max() < 1e-5 * max(1.0, x.abs().max())


@pytest.mark.parametrize("transform", [PowerNormTransform(0.5, 2.0), LogMagnitudeTransform(10.0)])
def test_magnitudes_change_and_phases_do_not(transform: Any) -> None:
    x = spectrogram(1)
    there = transform.transform(x)
    torch.testing.assert_close(there.angle(), x.angle())
    wanted = 2 * x.abs() ** 0.5 if isinstance(transform, PowerNormTransform) else torch.log(1 + 10 * x.abs())
    torch.testing.assert_close(there.abs(), wanted)


def test_stereo_as_channels_is_what_the_complex_spectrogram_is() -> None:
    """The reference takes the right channel for the imaginary part of the left here (E-1)."""
    x, transform = spectrogram(2), PowerNormTransform(0.65, 0.35)
    torch.testing.assert_close(transform.transform(pack_complex(x)), pack_complex(transform.transform(x)))
    mixed = PowerNormTransform(0.65, 0.35, pairs="neighbours")
    assert not torch.allclose(mixed.transform(pack_complex(x)), pack_complex(transform.transform(x)), atol=0.01)


@pytest.mark.parametrize("transform", [PowerNormTransform(0.65, 0.35), LogMagnitudeTransform(2.0)])
def test_silence_has_finite_slopes(transform: Any) -> None:
    x = torch.zeros(1, 1, 2, 2, dtype=torch.complex64, requires_grad=True)
    for function in (transform.transform, transform.inverse):
        out = function(x)
        assert out.abs().max() < 1e-6
        (slope,) = torch.autograd.grad(out.abs().square().sum() + out.real.sum(), x)
        assert torch.isfinite(torch.view_as_real(slope)).all()


@pytest.mark.parametrize("name", ["power_norm", "power_mag", "powermag", "power"])
def test_a_name_alone(name: str) -> None:
    assert isinstance(transform_of(name), PowerNormTransform)


def test_a_class_of_the_design_documents_is_honoured() -> None:
    """The reference makes an identity of it without a word."""
    document = {"class": f"{CLASS}.NormalisePower", "kwargs": {"epsilon": 1e-4, "alpha": 0.5}, "apply_target": True}
    transform = transform_of(load_part(document, ClassTransformConfig))
    assert isinstance(transform, PowerNormTransform)
    assert (transform.eps, transform.alpha, transform.apply_target) == (1e-4, 0.5, True)
    assert isinstance(transform_of(load_part({"class": f"{CLASS}.Identity"}, ClassTransformConfig)), IdentityTransform)
    with pytest.raises(ConfigError, match="LogMagnitude has no beta"):
        load_part({"class": f"{CLASS}.LogMagnitude", "kwargs": {"beta": 0.5}}, ClassTransformConfig)
