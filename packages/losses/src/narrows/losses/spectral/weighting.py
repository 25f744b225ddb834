"""Perceptual weighting of signals before they are compared (Wright & Välimäki 2019, arXiv 1911.08922)."""

from __future__ import annotations

from math import pi

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.audio.fixed_filters import convolve_fixed


class AWeighting(nn.Module):
    """A-weighting by a linear-phase filter, fitted by least squares to the curve of IEC 61672.

    The taps are those of auraloss and of stable-audio-tools.

    Args:
        sample_rate: in Hz.
        taps: length of the filter; odd.

    Shape:
        `(..., T)` → `(..., T)`
    """

    taps: Tensor

    def __init__(self, sample_rate: float, taps: int = 101) -> None:
        super().__init__()
        if taps % 2 == 0:
            raise ValueError(f"The filter needs an odd number of taps, got {taps}: try {taps + 1}")
        weights = torch.from_numpy(a_weighting_taps(sample_rate, taps)).float()
        self.register_buffer("taps", weights[None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Filter, with zeros beyond both ends."""
        flat = x.reshape(-1, 1, x.shape[-1])
        taps = self.taps.to(x.dtype)
        return convolve_fixed(F.conv1d, flat, taps, padding=taps.shape[-1] // 2).reshape(x.shape)


def a_weighting_taps(sample_rate: float, taps: int) -> np.ndarray:
    """Taps `(taps,)` of a filter with the magnitude of the A curve at a sample rate in Hz."""
    import scipy.signal  # half a second, which only this loss needs

    numerator, denominator = _analog_a_weighting()
    b, a = scipy.signal.bilinear(numerator, denominator, fs=sample_rate)
    frequencies, response = scipy.signal.freqz(b, a, worN=512, fs=sample_rate)
    fitted: np.ndarray = scipy.signal.firls(taps, frequencies, np.abs(response), fs=sample_rate)
    return fitted


def _analog_a_weighting() -> tuple[list[float], np.ndarray]:
    """Numerator and denominator: poles at 20.6 (twice), 107.7, 737.9 and 12194 Hz (twice); 0 dB at 1 kHz."""
    low, second, third, high = (2 * pi * f for f in (20.598997, 107.65265, 737.86223, 12194.217))
    numerator = [high**2 * 10 ** (1.9997 / 20), 0.0, 0.0, 0.0, 0.0]
    denominator = np.poly([-high, -high, -low, -low, -third, -second])
    return numerator, denominator
