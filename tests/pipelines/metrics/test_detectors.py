"""Detectors find the fault that was put in, and only that one."""

from __future__ import annotations

import math

import pytest
import torch

from narrows.pipelines.metrics import clicks, clipping, comb_lines, offset

RATE, HOP = 22050, 256


@pytest.fixture
def music() -> torch.Tensor:
    """Two seconds of stereo notes with attacks, over a little noise."""
    time = torch.arange(2 * RATE) / RATE
    generator = torch.Generator().manual_seed(0)
    notes = torch.zeros(2, len(time))
    for i, pitch in enumerate((220.0, 277.0, 330.0, 440.0)):
        since = (time - 0.5 * i).clamp(min=0)
        notes += 0.2 * (since > 0) * torch.exp(-3 * since) * torch.sin(2 * math.pi * pitch * since)
    return notes + 0.002 * torch.randn(2, len(time), generator=generator)


@pytest.fixture
def coded(music: torch.Tensor) -> torch.Tensor:
    """An ordinary reconstruction: dull, a little quieter, with noise that follows the level."""
    dull = torch.nn.functional.avg_pool1d(music, 3, 1, 1)
    noise = torch.randn(music.shape, generator=torch.Generator().manual_seed(1))
    return 0.95 * dull + 0.05 * music.abs() * noise + 0.001 * noise


def findings(music: torch.Tensor, other: torch.Tensor) -> dict[str, bool]:
    return {
        "clicks": clicks(music, other, RATE).found,
        "comb": comb_lines(music, other, RATE, HOP).found,
        "offset": offset(music, other, RATE).found,
        "clipping": clipping(music, other, RATE).found,
    }


def test_nothing_is_found_without_a_fault(music: torch.Tensor, coded: torch.Tensor) -> None:
    assert not any(findings(music, music).values())
    assert not any(findings(music, coded).values())


def test_clicks_are_found_where_they_are(music: torch.Tensor, coded: torch.Tensor) -> None:
    places = [5000, 17777, 40001]
    for place in places:
        coded[0, place] += 0.3
    found = clicks(music, coded, RATE)
    assert found.times == pytest.approx([p / RATE for p in places], abs=3 / RATE)
    assert findings(music, coded) == {"clicks": True, "comb": False, "offset": False, "clipping": False}


def test_a_step_is_a_click(music: torch.Tensor, coded: torch.Tensor) -> None:
    coded[:, 20000:20600] += 0.2
    assert clicks(music, coded, RATE).times == pytest.approx([20000 / RATE, 20600 / RATE], abs=3 / RATE)


def test_a_click_of_the_original_is_none(music: torch.Tensor) -> None:
    music[0, 9000] += 0.5
    assert not clicks(music, music, RATE).found


@pytest.mark.parametrize("hop", [128, 256, 1024])
def test_comb_lines_are_found(music: torch.Tensor, coded: torch.Tensor, hop: int) -> None:
    pattern = 0.004 * torch.randn(hop, generator=torch.Generator().manual_seed(2))
    other = coded + pattern.repeat(-(-coded.shape[-1] // hop))[: coded.shape[-1]]
    assert comb_lines(music, other, RATE, hop).found
    assert not comb_lines(music, coded, RATE, hop).found
    assert not comb_lines(music, other, RATE, hop + 37).found


def test_offset_is_found_with_its_sign(music: torch.Tensor, coded: torch.Tensor) -> None:
    coded[1] -= 0.02
    found = offset(music, coded, RATE)
    assert found.value == pytest.approx(-0.02, abs=1e-3)
    assert findings(music, coded) == {"clicks": False, "comb": False, "offset": True, "clipping": False}


def test_clipping_is_found(music: torch.Tensor) -> None:
    limit = 0.5 * float(music.abs().max())
    found = clipping(music, music.clamp(-limit, limit), RATE)
    assert found.found
    assert found.value > 0.001
    assert not clipping(music.clamp(-limit, limit), music.clamp(-limit, limit), RATE).found


def test_samples_beyond_full_scale_are_clipping(music: torch.Tensor) -> None:
    loud = music.clone()
    loud[0, 1234] = 1.2
    assert clipping(music, loud, RATE).times == pytest.approx([1234 / RATE])
