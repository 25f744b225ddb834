"""Band-limited resampling of tensors by a Hann-windowed sinc (Smith 2020), with torchaudio's defaults.

It runs on any device and lets gradients through. Files are resampled by soxr (`narrows.audio.resampling`), which
filters much more steeply.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.fixed_filters import convolve_fixed

ZEROS, ROLLOFF = 6, 0.99
"""Zero crossings of the sinc on each side, and its cut-off relative to the lower of the two Nyquist frequencies."""


def sinc_kernel(source: int, target: int, zeros: int = ZEROS, rolloff: float = ROLLOFF) -> tuple[Tensor, int]:
    """Filters of the `target` samples that stand for `source` samples.

    Args:
        source: rate of the input, without a common factor with `target`.
        target: rate of the output.
        zeros: zero crossings on each side.
        rolloff: cut-off as a fraction of the lower of the two Nyquist frequencies.

    Returns:
        Filters `(target, 1, source + 2 * width)` in float64, and the `width` they reach beyond each side.
    """
    base = min(source, target) * rolloff
    width = math.ceil(zeros * source / base)
    steps = torch.arange(-width, width + source, dtype=torch.float64) / source
    times = torch.arange(0, -target, -1, dtype=torch.float64)[:, None, None] / target + steps
    times = (times * base).clamp(-zeros, zeros)
    window = torch.cos(times * math.pi / zeros / 2) ** 2
    return torch.sinc(times) * window * base / source, width


def filter_phases(audio: Tensor, kernel: Tensor, width: int) -> Tensor:
    """Resample `(..., T)` with the filters of `sinc_kernel`; the length is rounded up."""
    target, _, taps = kernel.shape
    source = taps - 2 * width
    flat = F.pad(audio.reshape(-1, 1, audio.shape[-1]), (width, width + source))
    result = convolve_fixed(F.conv1d, flat, kernel.to(flat), stride=source)
    length = math.ceil(target * audio.shape[-1] / source)
    return result.transpose(1, 2).reshape(*audio.shape[:-1], -1)[..., :length]


def sinc_resample(audio: Tensor, source_rate: int, target_rate: int) -> Tensor:
    """Resample `(..., T)` from one rate in Hz to another; the length is rounded up."""
    divisor = math.gcd(source_rate, target_rate)
    if source_rate == target_rate:
        return audio
    return filter_phases(audio, *sinc_kernel(source_rate // divisor, target_rate // divisor))
