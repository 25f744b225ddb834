"""What metrics take: a reference and an estimate, `(C, T)` each."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.arrays import check_channels

Metric = Callable[[Tensor, Tensor, int], float]
"""Of reference `(C, T)`, estimate `(C, T)` and sample rate in Hz."""


def pair(reference: Tensor, estimate: Tensor) -> tuple[Tensor, Tensor]:
    """Both signals in double precision on the CPU, without gradient.

    Raises:
        ValueError: they are not of one shape `(channels, samples)`, hold no samples, or are transposed.
    """
    if reference.shape != estimate.shape or reference.dim() != 2 or reference.numel() == 0:
        shapes = f"{tuple(reference.shape)} and {tuple(estimate.shape)}"
        raise ValueError(f"A metric compares two signals of one shape (channels, samples), got {shapes}")
    check_channels(reference, "The signal of a metric")
    return reference.detach().double().cpu(), estimate.detach().double().cpu()


SILENCE = 1e-10
"""Mean square, without the mean, below which a signal is silent: -100 dB of full scale."""
NEEDS_SOUND = frozenset({"si_sdr", "aligned_si_sdr", "stft_distance"})
"""Metrics that divide by the energy of the reference, and mean nothing where it is silent."""


def is_silent(audio: Tensor) -> bool:
    """Whether a signal `(C, T)` holds nothing to compare with; a constant is silent too."""
    return bool(silent_channels(audio).all())


def silent_channels(audio: Tensor) -> Tensor:
    """Which channels `(C,)` of a signal `(C, T)` are silent."""
    centred = audio.double() - audio.double().mean(-1, keepdim=True)
    return centred.square().mean(-1) < SILENCE


Score = Callable[[str, Tensor, int], float | None]
"""A measure of one sound `(C, T)` at a rate in Hz, given the name of the file it stands for; None where undefined."""


def value_of(name: str, metric: Metric, reference: Tensor, estimate: Tensor, sample_rate: int) -> float | None:
    """The value of a metric for a clip; None where it is not defined.

    A metric that means nothing in silence is that of the channels that hold sound: one silent channel of a stereo clip
    would spoil it as a silent clip spoils a total.

    Args:
        name: of the metric.
        metric: it.
        reference: `(C, T)`.
        estimate: `(C, T)`.
        sample_rate: in Hz.
    """
    if name in NEEDS_SOUND:
        reference, estimate = pair(reference, estimate)
        heard = ~silent_channels(reference)
        if not bool(heard.any()):
            return None
        reference, estimate = reference[heard], estimate[heard]
    value = metric(reference, estimate, sample_rate)
    return value if math.isfinite(value) else None


def at_least(x: Tensor, samples: int) -> Tensor:
    """The signal with zeros at its end, where it is shorter than an analysis needs."""
    missing = samples - x.shape[-1]
    return F.pad(x, (0, missing)) if missing > 0 else x


def mono(x: Tensor) -> Tensor:
    """Mean of the channels: `(C, T)` → `(T,)`."""
    return torch.mean(x, dim=0)
