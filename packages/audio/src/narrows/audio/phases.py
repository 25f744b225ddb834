"""Phases for magnitudes that have none: a start by spectral peaks, and the fast algorithm of Griffin and Lim.

Letters: T samples, F = n_fft // 2 + 1 frequency bins, L frames. Frame `j` is the spectrum around the middle of the hop
`j`, so that a clip of L hops has L frames; beyond its ends is silence.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.stft import inverse_stft, stft

TINY = 1e-12
"""Added to magnitudes before they are divided by or their logarithm is taken."""


def hop_spectra(audio: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Complex spectra around the middle of each hop, through a Hann window.

    Args:
        audio: `(..., T)`, T a multiple of `hop_length`.
        n_fft: samples of window and transform; the hop and an even number more.
        hop_length: samples between frames.

    Returns:
        `(..., F, T / hop_length)`
    """
    pad = (n_fft - hop_length) // 2
    return stft(F.pad(audio, (pad, pad)), n_fft, hop_length, _window(n_fft, audio), pad_mode=None)


def audio_of_hop_spectra(spectra: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """The audio whose spectra are nearest to those given: `(..., F, L)` → `(..., L * hop_length)`."""
    length, trim = spectra.shape[-1] * hop_length, (n_fft - hop_length) // 2
    return inverse_stft(spectra, n_fft, hop_length, _window(n_fft, spectra.real), length=length, trim=trim)


def phases_of_peaks(magnitudes: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """Phases with which each spectral peak is a sinusoid that goes on from frame to frame.

    The single-pass spectrogram inversion of Beauregard, Harish & Wyse 2015: the frequency of a peak is that of the
    parabola through the logarithms of three bins, a phase grows by it, and the bins around a peak follow its phase.
    Here it grows by the mean of the frequencies of both frames, so that sweeps stay whole, and the bins of a peak are
    those that are nearer to it than to another.

    Args:
        magnitudes: `(..., F, L)`.
        n_fft: of the transform.
        hop_length: samples between frames.

    Returns:
        Radians, `(..., F, L)`.
    """
    flat = magnitudes.reshape(-1, *magnitudes.shape[-2:])
    bins = torch.arange(flat.shape[1], device=flat.device)
    owner = _nearest_peak(flat, bins)
    step = 2 * math.pi * hop_length / n_fft * (owner + _offset_of_peak(flat).gather(1, owner))
    phase, before, found = torch.zeros_like(flat[..., 0]), step[..., 0], []
    for peak, now in zip(owner.unbind(-1), step.unbind(-1), strict=True):
        phase = (phase.gather(1, peak) + (before.gather(1, peak) + now) / 2) % (2 * math.pi)
        before = now
        found.append(phase)
    # In a frame that begins half a window before its middle, bins of one sinusoid alternate in sign.
    turns = math.pi * (bins % 2)[:, None]
    return (torch.stack(found, -1) + turns).reshape(magnitudes.shape)


def griffin_lim(
    magnitudes: Tensor, phases: Tensor, n_fft: int, hop_length: int, iterations: int, momentum: float = 0.99
) -> Tensor:
    """Phases with which magnitudes come nearer to the spectra of an audio signal.

    The fast algorithm of Perraudin, Balazs & Søndergaard 2013. Nothing is drawn: equal arguments give equal results.

    Args:
        magnitudes: `(..., F, L)`.
        phases: to start from, in radians, `(..., F, L)`.
        n_fft: of the transform.
        hop_length: samples between frames.
        iterations: transforms there and back.
        momentum: how far to go beyond each; 0 is the algorithm of Griffin & Lim 1984.

    Returns:
        Complex spectra of these magnitudes, `(..., F, L)`.
    """
    spectra, before = torch.polar(magnitudes, phases), None
    for _ in range(iterations):
        nearest = hop_spectra(audio_of_hop_spectra(spectra, n_fft, hop_length), n_fft, hop_length)
        ahead = nearest if before is None else nearest - momentum / (1 + momentum) * before
        before = nearest
        spectra = magnitudes * ahead / (ahead.abs() + TINY)
    return spectra


def _nearest_peak(magnitudes: Tensor, bins: Tensor) -> Tensor:
    """The bin of the peak that is nearest to each bin, of two the lower one; without a peak, the first bin."""
    x, far = magnitudes, 2 * len(bins)
    peak = (x > F.pad(x, (0, 0, 1, 0))[:, :-1]) & (x >= F.pad(x, (0, 0, 0, 1))[:, 1:])
    place = bins[:, None].expand_as(x)
    below = torch.where(peak, place, -far).cummax(1).values
    above = torch.where(peak, place, 2 * far).flip(1).cummin(1).values.flip(1)
    nearest = torch.where(place - below <= above - place, below, above)
    return torch.where((nearest >= 0) & (nearest < len(bins)), nearest, 0)


def _offset_of_peak(magnitudes: Tensor) -> Tensor:
    """How many bins the top of a peak is above its greatest bin, -0.5 to 0.5; meaningless beside peaks."""
    x = (magnitudes + TINY).log()
    low, high = (
        F.pad(x, (0, 0, 1, 0), value=math.log(TINY))[:, :-1],
        F.pad(x, (0, 0, 0, 1), value=math.log(TINY))[:, 1:],
    )
    return (0.5 * (low - high) / (low - 2 * x + high).clamp(max=-TINY)).clamp(-0.5, 0.5)


def _window(size: int, like: Tensor) -> Tensor:
    return torch.hann_window(size, dtype=like.dtype, device=like.device)
