"""PESQ and ViSQOL where they are installed, and what is said where they are not."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
import torch

from narrows.pipelines.metrics import (
    MetricUnavailableError,
    available_metrics,
    perceptual,
    pesq,
    pesq_available,
    visqol,
    visqol_available,
)

CLIP = torch.sin(2 * math.pi * 300 * torch.arange(22050) / 22050)[None] * 0.3


@pytest.mark.skipif(not pesq_available(), reason="needs narrows-pipelines[pesq]")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_pesq_is_not_defined_for_very_short_clips_and_silence() -> None:
    assert math.isnan(pesq(CLIP[:, :1000], CLIP[:, :1000], 22050))
    assert math.isnan(pesq(torch.zeros(1, 16000), torch.zeros(1, 16000), 16000))


@pytest.mark.skipif(not pesq_available(), reason="needs narrows-pipelines[pesq]")
def test_pesq_of_equal_clips_is_the_best() -> None:
    assert pesq(CLIP, CLIP, 22050) == pytest.approx(4.64, abs=0.05)


@pytest.mark.skipif(pesq_available(), reason="pesq is installed")
def test_pesq_says_what_to_install() -> None:
    with pytest.raises(MetricUnavailableError, match="pesq"):
        pesq(CLIP, CLIP, 22050)
    assert "pesq" not in available_metrics()


@pytest.mark.skipif(visqol_available(), reason="visqol is installed")
def test_visqol_says_what_to_install() -> None:
    with pytest.raises(MetricUnavailableError, match="visqol"):
        visqol(CLIP, CLIP, 22050)


def test_available_metrics_measure() -> None:
    noisy = CLIP + 0.01 * torch.randn(CLIP.shape, generator=torch.Generator().manual_seed(0))
    for name, metric in available_metrics().items():
        assert math.isfinite(metric(CLIP, noisy, 22050)), name


@pytest.mark.parametrize("code", ["raise ImportError('no library')", "raise OSError('libm.so')", "x = 1"])
def test_a_package_of_that_name_that_does_not_work_is_no_metric(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    (tmp_path / "visqol").mkdir()
    (tmp_path / "visqol/__init__.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "visqol", raising=False)
    perceptual._imports.cache_clear()
    try:
        assert "visqol" not in available_metrics()
        assert "visqol" not in available_metrics()
    finally:
        perceptual._imports.cache_clear()
        sys.modules.pop("visqol", None)
    assert caplog.text.count("visqol is installed but does not load") == 1
