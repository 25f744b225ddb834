"""Phases that are found for magnitudes: sinusoids stay whole, and the spectra come near those that were asked for."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from narrows.audio.phases import audio_of_hop_spectra, griffin_lim, hop_spectra, phases_of_peaks

SIZE, HOP, RATE = 512, 128, 16_000


def sinusoid(hertz: float, count: int = 40 * HOP) -> Tensor:
    return torch.sin(2 * math.pi * hertz * torch.arange(count, dtype=torch.float64) / RATE)


def sweep(start: float, end: float, count: int = 40 * HOP) -> Tensor:
    hertz = torch.linspace(start, end, count, dtype=torch.float64)
    return torch.sin(2 * math.pi * hertz.cumsum(0) / RATE)


def sound(audio: Tensor, iterations: int, momentum: float = 0.99) -> Tensor:
    """Audio of the magnitudes of audio."""
    magnitudes = hop_spectra(audio, SIZE, HOP).abs()
    start = phases_of_peaks(magnitudes, SIZE, HOP)
    return audio_of_hop_spectra(griffin_lim(magnitudes, start, SIZE, HOP, iterations, momentum), SIZE, HOP)


def distance(audio: Tensor, of: Tensor) -> float:
    """Distance of the magnitudes, as a share of those asked for; the ends, where a sound begins at once, left out."""
    a, b = (hop_spectra(x, SIZE, HOP).abs()[..., 4:-4] for x in (audio, of))
    return float((a - b).norm() / b.norm())


def test_spectra_are_undone() -> None:
    audio = torch.randn(2, 3, 20 * HOP, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    spectra = hop_spectra(audio, SIZE, HOP)
    assert spectra.shape == (2, 3, SIZE // 2 + 1, 20)
    torch.testing.assert_close(audio_of_hop_spectra(spectra, SIZE, HOP), audio)


def test_a_frame_is_around_the_middle_of_its_hop() -> None:
    audio = torch.zeros(10 * HOP, dtype=torch.float64)
    audio[3 * HOP + HOP // 2] = 1.0
    energy = hop_spectra(audio, SIZE, HOP).abs().square().sum(0)
    assert int(energy.argmax()) == 3
    torch.testing.assert_close(energy[2], energy[4])


@pytest.mark.parametrize("audio", [sinusoid(440.0), sinusoid(1733.3), sweep(400, 1600), sinusoid(300) + sinusoid(950)])
def test_peaks_alone_keep_sinusoids_whole(audio: Tensor) -> None:
    """Random phases are at 0.5 and more; a run gives 0.02 to 0.12."""
    assert distance(sound(audio, 0), audio) < 0.2


@pytest.mark.parametrize("kind", ["noise", "tone"])
def test_the_search_comes_nearer(kind: str) -> None:
    noise = torch.randn(40 * HOP, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    audio = noise if kind == "noise" else sweep(300, 2000)
    errors = [distance(sound(audio, iterations), audio) for iterations in (0, 4, 32)]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.15


def test_momentum_hastens_the_search() -> None:
    audio = torch.randn(40 * HOP, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert distance(sound(audio, 20), audio) < distance(sound(audio, 20, momentum=0.0), audio)


def test_silence_stays_silent() -> None:
    audio = torch.zeros(1, 8 * HOP)
    assert torch.equal(sound(audio, 8), audio)
    audio[0, : 2 * HOP] = sinusoid(440, 2 * HOP).float()
    # Frame 3 is the last that sees the sound, and ends here.
    assert not sound(audio, 8)[0, 3 * HOP + (HOP + SIZE) // 2 :].any()
