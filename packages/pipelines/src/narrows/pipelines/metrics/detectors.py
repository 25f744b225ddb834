"""Detectors of what codecs do wrong: clicks, lines at multiples of the frame rate, offset and clipping.

Each compares reconstruction with original, so that a click, a hum or a clipped peak of the original is no finding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.pipelines.metrics.base import at_least, is_silent, mono, pair

CLICK_RATIO = 12.0
"""A click sticks out of its surroundings by this factor."""
CLICK_REACH_SECONDS = 0.01
CLICK_FLOOR = 1e-3
"""What sticks out of near silence by less than -60 dB of full scale is no click."""
COMB_DECIBELS = 6.0
"""A comb stands above its surroundings by this much more than in the original."""
OFFSET_LIMIT = 1e-3
CLIP_RUN = 3
"""Equal samples in a row, at the peak, that count as clipped."""


@dataclass(frozen=True)
class Finding:
    """What a detector says."""

    found: bool
    """Whether the fault is there."""
    value: float
    """How bad it is; see the detector."""
    times: tuple[float, ...] = ()
    """Where, in seconds; empty for faults of the whole clip."""


def clicks(reference: Tensor, estimate: Tensor, sample_rate: int) -> Finding:
    """Single samples or short bursts that the original does not have.

    Looks at the second difference of the error, where steps and spikes stand out from any smooth change, and compares
    it with its medians around the place. The value is the number of clicks.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.
    """
    reference, estimate = pair(reference, estimate)
    sharp = _sharpness(estimate - reference)
    reach = max(8, round(CLICK_REACH_SECONDS * sample_rate))
    # What is sharp in the original may be reconstructed a little off, without a click.
    surroundings = _surroundings(sharp, reach) + _surroundings(_sharpness(reference), reach)
    excess = sharp > CLICK_RATIO * surroundings + CLICK_FLOOR
    places = excess.any(0).nonzero().flatten()
    starts = places[torch.cat([torch.ones(1, dtype=torch.bool), places.diff() > reach])] if len(places) else places
    times = tuple(float(place) / sample_rate for place in starts)
    return Finding(bool(times), float(len(times)), times)


def comb_lines(reference: Tensor, estimate: Tensor, sample_rate: int, hop: int) -> Finding:
    """Spectral lines at multiples of `sample_rate / hop`, where a decoder repeats itself every frame.

    The value is by how many dB the bins at those multiples stand above their neighbours in the error's mean spectrum,
    less the same of the original's; the median over multiples. Nothing is found where the original is silent.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.
        hop: samples a latent frame.
    """
    reference, estimate = pair(reference, estimate)
    if hop < 8 or is_silent(reference):
        return Finding(False, 0.0)
    error = estimate - reference
    excess = _line_excess(mono(error), hop) - max(0.0, _line_excess(mono(reference), hop))
    audible = bool(error.square().mean() > 1e-12)
    return Finding(audible and excess > COMB_DECIBELS, excess if audible else 0.0)


def offset(reference: Tensor, estimate: Tensor, sample_rate: int) -> Finding:
    """A constant that the original does not have; the value is the largest change of a channel's mean, signed.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; has no influence.
    """
    reference, estimate = pair(reference, estimate)
    change = estimate.mean(-1) - reference.mean(-1)
    worst = float(change[change.abs().argmax()])
    return Finding(abs(worst) > OFFSET_LIMIT, worst)


def clipping(reference: Tensor, estimate: Tensor, sample_rate: int) -> Finding:
    """Flat peaks, or samples beyond full scale, that the original does not have.

    The value is the share of samples affected, beyond the original's.

    Args:
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz; gives the times.
    """
    reference, estimate = pair(reference, estimate)
    clipped = _clipped(estimate)
    share = float(clipped.double().mean() - _clipped(reference).double().mean())
    places = clipped.any(0).nonzero().flatten()
    first = (float(places[0]) / sample_rate,) if share > 0 else ()
    return Finding(share > 0, max(0.0, share), first)


def _sharpness(x: Tensor) -> Tensor:
    """Size of the second difference, `(C, T)`."""
    return F.pad(x.diff(n=2), (1, 1)).abs() if x.shape[-1] > 2 else torch.zeros_like(x)


def _surroundings(x: Tensor, reach: int) -> Tensor:
    """The largest median of the blocks of `reach` samples before, around and after each sample: `(C, T)`.

    A short burst hardly moves a median; taking the largest keeps the start of a louder passage from being one.
    """
    blocks = F.pad(x, (0, -x.shape[-1] % reach)).reshape(len(x), -1, reach)
    medians = F.max_pool1d(blocks.median(-1).values, 3, stride=1, padding=1)
    return medians.repeat_interleave(reach, dim=-1)[:, : x.shape[-1]]


def _line_excess(x: Tensor, hop: int) -> float:
    """How far the multiples of a rate stand above their neighbours in a mean spectrum, in dB."""
    size = 16 * hop
    # Bin 16 k is exactly the k-th multiple; the window's main lobe spans two bins either way.
    frames = at_least(x, size).unfold(0, size, size // 4) * torch.hann_window(size, dtype=x.dtype)
    power = torch.fft.rfft(frames).abs().square().mean(0) + 1e-20
    lines = torch.arange(16, size // 2 - 8, 16)
    around = torch.stack([power[lines + shift] for shift in (-6, -5, -4, 4, 5, 6)]).median(0).values
    return float((10 * (power[lines] / around).log10()).median())


def _clipped(x: Tensor) -> Tensor:
    """Where samples are beyond full scale, or stay at the clip's peak for several samples: `(C, T)`."""
    size = x.abs()
    peak = size.amax(-1, keepdim=True)
    flat = (size >= peak * (1 - 1e-6)) & (peak > 0.1)
    runs = flat.double().unfold(-1, CLIP_RUN, 1).sum(-1) == CLIP_RUN if x.shape[-1] >= CLIP_RUN else flat[:, :0]
    spread = torch.zeros_like(flat)
    for shift in range(CLIP_RUN):
        spread[:, shift : shift + runs.shape[-1]] |= runs
    return spread | (size > 1)
