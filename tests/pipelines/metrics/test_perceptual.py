"""PESQ, STOI and ViSQOL where they are installed, and what is said where they are not."""

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
    stoi,
    stoi_available,
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


NOISE = torch.randn(CLIP.shape, generator=torch.Generator().manual_seed(0))


def test_available_metrics_measure() -> None:
    for name, metric in available_metrics().items():
        if name == "f0_correlation":
            continue  # of a pitch that never changes
        assert math.isfinite(metric(CLIP, CLIP + 0.01 * NOISE, 22050)), name


@pytest.mark.skipif(not stoi_available(), reason="needs narrows-pipelines[stoi]")
def test_stoi_falls_with_noise_and_has_no_value_for_scraps() -> None:
    speech = NOISE * (1 + torch.sin(2 * math.pi * 3 * torch.arange(22050) / 22050))
    scores = [stoi(speech, speech + level * NOISE.roll(99), 22050) for level in (0.0, 0.3, 3.0)]
    assert scores[0] == pytest.approx(1)
    assert scores[0] > scores[1] > scores[2]
    assert math.isnan(stoi(CLIP[:, :3000], CLIP[:, :3000], 22050))
    assert math.isnan(stoi(torch.zeros_like(CLIP), CLIP, 22050))


@pytest.mark.skipif(stoi_available(), reason="pystoi is installed")
def test_stoi_says_what_to_install() -> None:
    with pytest.raises(MetricUnavailableError, match=r"narrows-pipelines\[stoi\]"):
        stoi(CLIP, CLIP, 22050)


@pytest.mark.skipif(not visqol_available(), reason="needs narrows-pipelines[visqol]")
def test_visqol_falls_with_noise_and_has_no_value_for_scraps() -> None:
    scores = [visqol(CLIP, CLIP + level * NOISE, 22050) for level in (0.0, 0.3)]
    assert scores[0] == pytest.approx(4.7, abs=0.1)
    assert scores[0] > scores[1] + 0.5
    assert math.isnan(visqol(CLIP[:, :1000], CLIP[:, :1000], 22050))
    assert math.isnan(visqol(torch.zeros_like(CLIP), CLIP, 22050))


@pytest.mark.parametrize("module", ["pesq", "pystoi", "visqol"])
@pytest.mark.parametrize("code", ["raise ImportError('no library')", "raise OSError('libm.so')", "x = 1"])
def test_a_package_of_that_name_that_does_not_work_is_no_metric(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, module: str, code: str
) -> None:
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    perceptual.loads.cache_clear()
    try:
        assert module.removeprefix("py") not in available_metrics()
        assert module.removeprefix("py") not in available_metrics()
    finally:
        perceptual.loads.cache_clear()
        sys.modules.pop(module, None)
    assert caplog.text.count(f"{module} is installed but does not load") == 1
