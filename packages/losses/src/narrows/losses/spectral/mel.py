"""Mel filters, and losses of mel spectrograms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from narrows.losses.spectral.transform import real_stft

LINEAR_HZ = 200.0 / 3
"""Width of a mel below 1 kHz (Slaney 1998)."""
KNEE_HZ, KNEE_MEL = 1000.0, 15.0
LOG_STEP = np.log(6.4) / 27
"""Growth of log frequency a mel above 1 kHz."""


def mel_filters(sample_rate: float, fft_size: int, n_mels: int, fmin: float = 0.0, fmax: float | None = None) -> Tensor:
    """Triangular filters of unit area, evenly spaced in mels as in Slaney's Auditory Toolbox (and librosa).

    Args:
        sample_rate: in Hz.
        fft_size: in samples.
        n_mels: number of filters.
        fmin: lowest frequency in Hz.
        fmax: highest frequency in Hz; None for half the sample rate.

    Returns:
        `(n_mels, fft_size // 2 + 1)`
    """
    fmax = sample_rate / 2 if fmax is None else fmax
    if not 0 <= fmin < fmax <= sample_rate / 2:
        raise ValueError(f"Mel bands from {fmin} to {fmax} Hz do not fit below {sample_rate / 2} Hz")
    bins = np.linspace(0, sample_rate / 2, fft_size // 2 + 1)
    edges = _to_hz(np.linspace(_to_mel(fmin), _to_mel(fmax), n_mels + 2))
    widths = np.diff(edges)[:, None]
    slopes = edges[:, None] - bins
    rising, falling = -slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]
    filters = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(filters).float()


def _to_mel(hz: float) -> float:
    return hz / LINEAR_HZ if hz < KNEE_HZ else float(KNEE_MEL + np.log(hz / KNEE_HZ) / LOG_STEP)


def _to_hz(mel: np.ndarray) -> np.ndarray:
    above = KNEE_HZ * np.exp(LOG_STEP * (np.maximum(mel, KNEE_MEL) - KNEE_MEL))
    return np.where(mel < KNEE_MEL, mel * LINEAR_HZ, above)


class MelSpectrogramLoss(nn.Module):
    """L1 distance of mel spectrograms and of their logarithms at several window lengths (DAC, Kumar et al. 2023).

    Args:
        sample_rate: in Hz.
        n_mels: bands, one number a window length.
        window_lengths: in samples; the hop is a quarter of each.
        clamp_eps: floor of magnitudes inside the logarithm.
        mag_weight: weight of the linear distance.
        log_weight: weight of the distance of logarithms (base 10).
        pow: exponent of magnitudes inside the logarithm.
        mel_fmin: lowest frequency in Hz of each scale; None for 0.
        mel_fmax: highest frequency in Hz of each scale; None for half the sample rate.

    Shape:
        x and y `(B, C, T)` → scalar
    """

    def __init__(
        self,
        sample_rate: float,
        n_mels: Sequence[int],
        window_lengths: Sequence[int],
        clamp_eps: float = 1e-5,
        mag_weight: float = 1.0,
        log_weight: float = 1.0,
        pow: float = 2.0,
        mel_fmin: Sequence[float] | None = None,
        mel_fmax: Sequence[float | None] | None = None,
    ) -> None:
        super().__init__()
        lows = [0.0] * len(window_lengths) if mel_fmin is None else mel_fmin
        highs = [None] * len(window_lengths) if mel_fmax is None else mel_fmax
        if not len(n_mels) == len(window_lengths) == len(lows) == len(highs):
            raise ValueError(
                f"One entry a scale: {len(window_lengths)} window_lengths, {len(n_mels)} n_mels, "
                f"{len(lows)} mel_fmin, {len(highs)} mel_fmax"
            )
        self.scales = nn.ModuleList(
            _MelSpectrogram(mel_filters(sample_rate, window, bands, low, high), window)
            for window, bands, low, high in zip(window_lengths, n_mels, lows, highs, strict=True)
        )
        self.clamp_eps, self.pow = clamp_eps, pow
        self.mag_weight, self.log_weight = mag_weight, log_weight

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Sum over scales."""
        losses = []
        for scale in self.scales:
            x_mel, y_mel = scale(x), scale(y)
            linear = (x_mel - y_mel).abs().mean()
            logarithmic = (self._log(x_mel) - self._log(y_mel)).abs().mean()
            losses.append(self.log_weight * logarithmic + self.mag_weight * linear)
        return torch.stack(losses).sum()

    def _log(self, mel: Tensor) -> Tensor:
        return mel.clamp(min=self.clamp_eps).pow(self.pow).log10()


class _MelSpectrogram(nn.Module):
    """Mel magnitudes with a Hann window: `(B, C, T)` → `(B · C, n_mels, L)`."""

    filters: Tensor
    window: Tensor

    def __init__(self, filters: Tensor, window_length: int) -> None:
        super().__init__()
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("window", torch.hann_window(window_length), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = (x.float() if x.dtype in (torch.float16, torch.bfloat16) else x).reshape(-1, x.shape[-1])
        length = len(self.window)
        spectra = real_stft(x, length, length // 4, self.window.to(x.dtype))
        return self.filters.to(x.dtype) @ spectra.abs()
