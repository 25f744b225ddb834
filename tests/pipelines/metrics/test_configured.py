"""Metrics that a training section asks for."""

from __future__ import annotations

import auraloss
import pytest
import torch

from narrows.configs import ConfigError, EvaluationLossConfigs, load_part
from narrows.pipelines.metrics import MetricUnavailableError, configured_metrics, pesq_available, si_sdr

RATE = 16000
GENERATOR = torch.Generator().manual_seed(0)
CLIP = 0.3 * torch.randn(1, 6000, generator=GENERATOR)
NOISY = CLIP + 0.1 * torch.randn(1, 6000, generator=GENERATOR)


def test_metrics_are_those_of_the_configuration() -> None:
    section = {"stft": {"fft_size": 512, "hop_size": 128, "win_length": 512}, "sisdr": {}, "mel": {"n_mels": 40}}
    metrics = configured_metrics(load_part(section, EvaluationLossConfigs), RATE)
    got = {name: metric(CLIP, NOISY, RATE) for name, metric in metrics.items()}
    want = {
        "stft": auraloss.freq.STFTLoss(512, 128, 512),
        "mel": auraloss.freq.MelSTFTLoss(RATE, n_mels=40),
    }
    assert set(got) == {"stft", "sisdr", "mel"}
    assert got["sisdr"] == pytest.approx(si_sdr(CLIP, NOISY, RATE))
    for name, loss in want.items():
        assert got[name] == pytest.approx(float(loss(NOISY[None], CLIP[None])), rel=1e-3), name


def test_nothing_is_asked_for() -> None:
    assert configured_metrics(None, RATE) == configured_metrics(EvaluationLossConfigs(), RATE) == {}


@pytest.mark.skipif(pesq_available(), reason="pesq is installed")
def test_pesq_must_be_installed_if_asked_for() -> None:
    with pytest.raises(MetricUnavailableError, match="eval_loss_configs"):
        configured_metrics(load_part({"pesq": {}}, EvaluationLossConfigs), RATE)


@pytest.mark.parametrize(
    ("section", "pointer"),
    [
        ({"stft": {"win_length": 4096}}, "/stft/win_length"),
        ({"stft": {"scale": "mel"}}, "/stft/n_bins"),
        ({"mel": {"w_sc": 0, "w_log_mag": 0}}, "/mel/w_sc"),
        ({"sdr": {}}, "/sdr"),
    ],
)
def test_mistakes_are_named(section: dict, pointer: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_part(section, EvaluationLossConfigs)
    assert [problem.pointer for problem in caught.value.problems] == [pointer]
