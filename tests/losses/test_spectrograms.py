from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.configs import ConfigError, SpectralAutoencoderLossConfigs, load_part
from narrows.losses import (
    ComplexDistance,
    ComplexMultiResolutionLoss,
    MagnitudeDistance,
    PhaseDistance,
    create_spectral_autoencoder_loss_from_config,
)
from narrows.models.spectral.layout import pack_complex

DISTANCES = [
    ComplexDistance(),
    ComplexDistance(p=1.0, reduction="sum"),
    MagnitudeDistance("linear"),
    MagnitudeDistance("log", p=2.0),
    PhaseDistance(),
    PhaseDistance(energy_ref="ref", energy_power=2.0),
    PhaseDistance(energy_weighted=False),
]


def spectra(channels: int = 2, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shape = (2, channels, 9, 5)
    x, y = (torch.randn(shape, dtype=torch.complex128, generator=generator) for _ in range(2))
    return x, y


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("channels", [1, 2])
def test_complex_and_real_spectrograms_give_one_number(distance: Any, channels: int) -> None:
    x, y = spectra(channels)
    torch.testing.assert_close(distance(pack_complex(x), pack_complex(y)), distance(x, y))
    assert distance(x, x).abs() < 1e-10
    assert distance(x, y) > 0


@pytest.mark.parametrize("distance", DISTANCES)
def test_gradients_are_right_and_finite_even_where_both_agree(distance: Any) -> None:
    x, y = spectra()
    assert torch.autograd.gradcheck(lambda z: distance(z, y), (x.requires_grad_(),))
    same = torch.zeros(1, 2, 3, 3, dtype=torch.complex64, requires_grad=True)
    distance(same, torch.zeros_like(same)).backward()
    assert torch.view_as_real(same.grad).isfinite().all()


def test_values_by_hand() -> None:
    x = torch.tensor([3 + 4j, 0 + 1j]).reshape(1, 1, 2, 1)
    y = torch.tensor([0 + 0j, 1 + 0j]).reshape(1, 1, 2, 1)
    assert ComplexDistance()(x, y) == pytest.approx((25 + 2) / 2)
    assert ComplexDistance(p=1, reduction="sum")(x, y) == pytest.approx(5 + 2**0.5)
    assert MagnitudeDistance("linear")(x, y) == pytest.approx((5 + 0) / 2, abs=1e-4)
    assert MagnitudeDistance("log", eps=0.1)(x, y) == pytest.approx(torch.log(torch.tensor(50.0)).item() / 2)
    assert PhaseDistance()(x, y) == pytest.approx((1 * 2.5 + 1 * 1) / 2)
    assert PhaseDistance(energy_ref="ref")(x, y) == pytest.approx((0 + 1) / 2)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 6.28), st.integers(0, 100))
def test_magnitudes_know_no_phase_and_phases_no_magnitude(turn: float, seed: int) -> None:
    x, y = spectra(seed=seed)
    rotation = torch.polar(torch.ones(1, dtype=torch.float64), torch.tensor([turn], dtype=torch.float64))
    torch.testing.assert_close(MagnitudeDistance()(x * rotation, y), MagnitudeDistance()(x, y))
    phase = PhaseDistance(energy_weighted=False)
    torch.testing.assert_close(phase(2 * x, y), phase(x, y))
    torch.testing.assert_close(phase(x * rotation, x), 1 - rotation.real.squeeze())


def test_spectrograms_of_different_shape_or_kind_are_refused() -> None:
    x, y = spectra()
    for other in (y[:, :1], y.real):
        with pytest.raises(ValueError, match="Cannot compare spectrograms"):
            ComplexDistance()(x, other)


def test_the_multi_resolution_loss_is_what_its_formula_says() -> None:
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(2, 2, 400, generator=generator) for _ in range(2))
    total = torch.zeros(())
    for size in (64, 32):
        window = torch.hann_window(size)
        a, b = (
            torch.stft(s.flatten(0, 1), size, size // 4, size, window, return_complex=True).unflatten(0, (2, 2))
            for s in (x, y)
        )
        norms = [z.abs().square().sum((-2, -1)).sqrt() for z in (a - b, b)]
        total += (norms[0] / norms[1]).mean() + 2 * (a - b).abs().mean()
        total += 0.5 * (a.abs() - b.abs()).abs().mean() + 0.25 * (a.abs().log() - b.abs().log()).abs().mean()
    loss = ComplexMultiResolutionLoss((64, 32), factor_mag=2, factor_linear_mag=0.5, factor_log_mag=0.25)
    torch.testing.assert_close(loss(x, y), total / 2)
    doubled = ComplexMultiResolutionLoss((64, 32), factor_sc=0, transform=lambda z: 2 * z)
    plain = ComplexMultiResolutionLoss((64, 32), factor_sc=0)
    torch.testing.assert_close(doubled(x, y), 2 * plain(x, y))
    assert loss(x, x) == 0


def test_a_loss_without_factors_or_with_lists_of_two_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="All factors are 0"):
        ComplexMultiResolutionLoss(factor_sc=0, factor_mag=0)
    with pytest.raises(ValueError, match="2 fft_sizes, 1 hop_sizes"):
        ComplexMultiResolutionLoss((64, 32), (16,))


class Model(SimpleNamespace):
    sample_rate = 8000
    bottleneck = SimpleNamespace(losses=(SimpleNamespace(key="kl", name="kl_loss", weight_key="kl", weight=1e-6),))
    pre_transform = SimpleNamespace(transform=lambda x: 2 * x)


def terms(**spectral: Any) -> dict[str, float]:
    multi = create_spectral_autoencoder_loss_from_config(
        {"spectral": spectral, "time": {"weights": {"sisdr": 0.1}}, "bottleneck": {"weights": {"kl": 0.5}}}, Model()
    )
    generator = torch.Generator().manual_seed(1)
    x, y = (torch.randn(1, 1, 400, generator=generator) for _ in range(2))
    info = {"decoded": x, "reals": y, "kl": torch.tensor(3.0)}
    info |= dict(zip(("sp_decoded", "sp_reals"), spectra(1), strict=True))
    return {name: float(value) for name, value in multi(info)[1].items()}


def test_terms_by_name_and_weight() -> None:
    found = terms(stft_mse={}, magnitude={}, cosine_phase_loss={}, weights={"stft_mse": 2.0, "magnitude": 1.0})
    assert set(found) == {"stft_mse_loss", "magnitude_loss", "sisdr_loss", "kl_loss"}
    assert found["kl_loss"] == 1.5
    assert found["stft_mse_loss"] == pytest.approx(2 * float(ComplexDistance()(*spectra(1))))


@pytest.mark.parametrize("name", ["mrstft", "mrstft_sc"])
def test_resolution_losses_are_transformed_on_request(name: str) -> None:
    options = {"fft_sizes": [64, 32], "hop_sizes": [16, 8]}
    if name == "mrstft":
        options["factor_sc"] = 0.0
    plain, moved = (
        terms(**{name: {"config": options}}, weights={"mrstft": 1.0}, apply_pre_transform_to_wave_losses=flag)
        for flag in (False, True)
    )
    factor = 2 if name == "mrstft" else 1  # convergence is relative
    assert moved["mrstft_loss"] == pytest.approx(factor * plain["mrstft_loss"], rel=1e-5)


def test_magnitude_terms_of_the_resolution_loss_are_off_unless_asked_for() -> None:
    options = {"fft_sizes": [64], "factor_linear_mag": 5.0, "factor_log_mag": 5.0}
    plain, more = (
        terms(mrstft={"config": {**options, "log_mag": log}}, weights={"mrstft": 1.0})["mrstft_loss"]
        for log in (False, True)
    )
    assert more > plain + 1


def test_the_loss_of_stable_audio_is_there_too() -> None:
    options = {"fft_sizes": [64], "hop_sizes": [16], "win_lengths": [64]}
    assert terms(mrstft_stable_audio={"config": options}, weights={"mrstft": 1.0})["mrstft_loss"] > 0


def test_two_resolution_losses_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match="mrstft_sc is given beside mrstft"):
        load_part({"spectral": {"mrstft": {}, "mrstft_sc": {}}}, SpectralAutoencoderLossConfigs)


def test_no_loss_at_all_is_refused() -> None:
    model = Model(bottleneck=None)
    with pytest.raises(ValueError, match="no loss at all"):
        create_spectral_autoencoder_loss_from_config({"spectral": {"stft_mse": {}}}, model)
