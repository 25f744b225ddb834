"""What holds for spectral losses beyond the golden cases."""

from __future__ import annotations

import auraloss
import librosa
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.audio.windows import get_window
from narrows.losses import (
    MelSpectrogramLoss,
    MelSTFTLoss,
    MultiResolutionSTFTLoss,
    STFTLoss,
    SumAndDifferenceSTFTLoss,
)
from narrows.losses.spectral import AWeighting, Comparison, SpectralTerms, mel_filters

SIZES = ([128, 64], [32, 16], [100, 64])


@pytest.fixture
def signals() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    y = 0.3 * torch.randn(2, 2, 600, generator=generator)
    return y + 0.1 * torch.randn(y.shape, generator=generator), y


# auraloss 0.4 takes spectral convergence over all signals of a batch together, the reference over each: they agree for
# one signal. Its phase term is another, the distance of angles.
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"w_sc": 0.0, "w_lin_mag": 1.0, "mag_distance": "L2"},
        {"window": "hamming_window", "reduction": "sum", "w_sc": 0.0},
        {"perceptual_weighting": True, "sample_rate": 22050},
    ],
)
def test_agrees_with_auraloss(signals: tuple[torch.Tensor, torch.Tensor], options: dict) -> None:
    x, y = signals if options.get("w_sc") == 0 else (s[:1, :1] for s in signals)
    ours, theirs = MultiResolutionSTFTLoss(*SIZES, **options), auraloss.freq.MultiResolutionSTFTLoss(*SIZES, **options)
    torch.testing.assert_close(ours(x, y), theirs(x, y), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("rate", "size", "bands"), [(44100, 2048, 150), (16000, 512, 80), (8000, 64, 5)])
def test_mel_filters_are_those_of_librosa(rate: int, size: int, bands: int) -> None:
    want = librosa.filters.mel(sr=rate, n_fft=size, n_mels=bands, fmin=50.0, fmax=3900.0)
    np.testing.assert_allclose(mel_filters(rate, size, bands, 50.0, 3900.0).numpy(), want, atol=1e-6)


def test_a_weighting_is_that_of_the_standard() -> None:
    taps = AWeighting(48000).taps[0, 0].double()
    response = torch.fft.rfft(taps, 48000).abs().log10() * 20
    assert response[1000] == pytest.approx(0.0, abs=0.2)
    assert response[4000] == pytest.approx(1.0, abs=0.3)
    # The bilinear transform lowers high frequencies a little.
    assert response[10000] == pytest.approx(-2.5, abs=1.5)
    assert response[50] < -15


def test_sum_and_difference_have_weights(signals: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = signals
    multi = MultiResolutionSTFTLoss(*SIZES)
    x_sum, y_sum = (s.sum(1, keepdim=True) for s in (x, y))
    x_diff, y_diff = (s[:, :1] - s[:, 1:] for s in (x, y))
    got = SumAndDifferenceSTFTLoss(*SIZES, w_sum=0.3, w_diff=2.0)(x, y)
    torch.testing.assert_close(got, (0.3 * multi(x_sum, y_sum) + 2.0 * multi(x_diff, y_diff)) / 2)
    loss, *parts = SumAndDifferenceSTFTLoss(*SIZES, output="full")(x, y)
    torch.testing.assert_close(loss, (parts[0] + parts[1]) / 2)


def test_one_transform_a_signal_and_window(
    signals: tuple[torch.Tensor, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    transform, calls = torch.stft, []
    monkeypatch.setattr(torch, "stft", lambda *a, **k: calls.append(a) or transform(*a, **k))
    x, y = signals
    views = (("sum", 0.5), ("difference", 0.5))
    comparisons = [
        Comparison("both", "x", "y", views),
        *(Comparison(side, "x", "y", ((side, 0.5),)) for side in ("left", "right")),
    ]
    terms = SpectralTerms(MultiResolutionSTFTLoss(*SIZES, w_phs=0.5), comparisons, weight=2.0)
    values = terms.terms({"x": x, "y": y})
    assert len(calls) == 2 * len(SIZES[0])
    # The target comes first; each term is what its own module gives.
    torch.testing.assert_close(values["both"], 2 * SumAndDifferenceSTFTLoss(*SIZES, w_phs=0.5)(y, x))
    torch.testing.assert_close(values["left"], MultiResolutionSTFTLoss(*SIZES, w_phs=0.5)(y[:, :1], x[:, :1]))
    torch.testing.assert_close(terms({"x": x, "y": y}), sum(values.values()))


@settings(deadline=None, max_examples=20)
@given(gains=st.tuples(*[st.floats(0.1, 10.0)] * 4))
def test_scale_invariance_is_per_signal(gains: tuple[float, ...]) -> None:
    generator = torch.Generator().manual_seed(5)
    y = torch.randn(2, 2, 400, generator=generator, dtype=torch.float64)
    x = y + 0.1 * torch.randn(y.shape, generator=generator, dtype=torch.float64)
    loss = STFTLoss(64, 16, 64, scale_invariance=True, eps=1e-12)
    scaled = y * torch.tensor(gains, dtype=torch.float64).reshape(2, 2, 1)
    torch.testing.assert_close(loss(x, scaled), loss(x, y), rtol=1e-4, atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(w_sc=st.floats(0, 2), w_log=st.floats(0.1, 2), w_lin=st.floats(0, 2), w_phs=st.floats(0, 2))
def test_weights_are_linear_and_equal_signals_cost_nothing(
    w_sc: float, w_log: float, w_lin: float, w_phs: float
) -> None:
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(2, 1, 1, 300, generator=generator)
    weights = {"w_sc": w_sc, "w_log_mag": w_log, "w_lin_mag": w_lin, "w_phs": w_phs}
    loss, *parts = STFTLoss(64, 16, 64, **weights, output="full")(x, y)
    torch.testing.assert_close(loss, sum(w * p.mean() for w, p in zip(weights.values(), parts, strict=True)))
    assert STFTLoss(64, 16, 64, **weights)(x, x) == 0


@pytest.mark.parametrize(
    "loss",
    [
        MultiResolutionSTFTLoss(*SIZES, w_phs=1.0, w_lin_mag=1.0),
        MelSTFTLoss(16000, 20, fft_size=128, hop_size=32, win_length=128),
        MelSpectrogramLoss(16000, [10, 5], [128, 64]),
    ],
)
def test_gradients_are_finite_for_silence_and_equality(loss: torch.nn.Module) -> None:
    noise = torch.randn(1, 1, 300, generator=torch.Generator().manual_seed(0))
    for x, y in ((torch.zeros(1, 1, 300), noise), (noise, torch.zeros(1, 1, 300)), (noise, noise)):
        x = x.clone().requires_grad_()
        loss(x, y).backward()
        assert torch.isfinite(x.grad).all()


def test_half_precision_is_computed_in_single(signals: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = (s.bfloat16() for s in signals)
    loss = MultiResolutionSTFTLoss(*SIZES)
    torch.testing.assert_close(loss(x, y), loss(x.float(), y.float()))


def test_windows_by_name() -> None:
    torch.testing.assert_close(get_window("hann", 32), get_window("hann_window", 32))
    with pytest.raises(ValueError, match="Unknown window 'hanning_window'"):
        get_window("hanning_window", 32)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"win_length": 2048}, "longer than the FFT"),
        ({"w_sc": 0, "w_log_mag": 0}, "All weights are 0"),
        ({"scale": "mel", "n_bins": 10}, "sample_rate is needed"),
        ({"scale": "mel", "sample_rate": 8000}, "n_bins"),
        ({"scale": "chroma", "sample_rate": 8000}, "use 'mel'"),
    ],
)
def test_mistakes_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        STFTLoss(**options)


def test_lists_must_have_one_length() -> None:
    with pytest.raises(ValueError, match="2 fft_sizes, 1 hop_sizes"):
        MultiResolutionSTFTLoss([64, 32], [16], [64, 32])
    with pytest.raises(ValueError, match="2 window_lengths, 1 n_mels"):
        MelSpectrogramLoss(16000, [10], [64, 32])
    with pytest.raises(ValueError, match="single resolution"):
        MultiResolutionSTFTLoss([64, 32], [16, 8], [64, 32], reduction="none")
    with pytest.raises(ValueError, match="stereo"):
        SumAndDifferenceSTFTLoss(*SIZES)(torch.zeros(1, 1, 300), torch.zeros(1, 1, 300))
