"""Complex spectrograms of audio, and their form as real channels.

Letters: B batch, C audio channels, T samples, F frequency bins, L frames.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Window = Literal["hann", "hamming", "blackman", "bartlett", "kaiser", "rectangular"]


class Spectrogram:
    """A centred short-time Fourier transform, as `torch.stft` computes it.

    Args:
        n_fft: FFT size in samples.
        hop_length: in samples.
        win_length: in samples; None for the FFT size.
        window: its name.
        pad_mode: of the ends, as of `torch.nn.functional.pad`.
        normalized: divide by the square root of the FFT size.

    Shape:
        `(..., C, T)` → `(..., C, F, L)`, complex, with F = n_fft // 2 + 1 and L = T // hop_length + 1
    """

    def __init__(
        self,
        n_fft: int,
        hop_length: int,
        win_length: int | None = None,
        window: Window = "hann",
        pad_mode: str = "reflect",
        normalized: bool = False,
    ) -> None:
        self.n_fft, self.hop_length, self.win_length = n_fft, hop_length, win_length or n_fft
        self.pad_mode, self.normalized = pad_mode, normalized
        name = f"{window}_window"
        self._window = torch.ones(self.win_length) if window == "rectangular" else getattr(torch, name)(self.win_length)

    def __call__(self, audio: Tensor) -> Tensor:
        """The spectrogram."""
        spectra = torch.stft(
            audio.reshape(-1, audio.shape[-1]),
            self.n_fft,
            self.hop_length,
            self.win_length,
            self._window.to(audio),
            pad_mode=self.pad_mode,
            normalized=self.normalized,
            return_complex=True,
        )
        return spectra.reshape(*audio.shape[:-1], *spectra.shape[-2:])


def complex_as_channels(spectrogram: Tensor) -> Tensor:
    """Complex `(..., C, F, L)` as real `(..., 2C, F, L)`: all real parts, then all imaginary parts.

    This is the one layout of the project; the reference stores it so, but its transforms and losses read pairs.
    """
    return torch.cat([spectrogram.real, spectrogram.imag], dim=-3)


def crop_length(frames: int, hop_length: int) -> int:
    """Samples whose centred transform has so many frames."""
    return (frames - 1) * hop_length
