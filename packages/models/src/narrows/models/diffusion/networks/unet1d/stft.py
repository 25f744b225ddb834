"""The short-time Fourier transform in front of the U-Net and behind it."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from narrows.audio.stft import inverse_stft, stft


class STFT(nn.Module):
    """Spectrograms whose bins are channels.

    Args:
        num_fft: FFT size.
        hop_length: in samples; None for a quarter of the FFT size.
        window_length: in samples; None for the FFT size.
        length: of the signal that comes back; None for that of the signal that went in.
        use_complex: real and imaginary part instead of magnitude and phase.

    Shape:
        `(B, C, T)` ↔ `(B, 2 * C * (num_fft // 2 + 1), T / hop_length + 1)`
    """

    window: Tensor
    constants: ClassVar[frozenset[str]] = frozenset({"window"})

    def __init__(
        self,
        num_fft: int,
        hop_length: int | None = None,
        window_length: int | None = None,
        length: int | None = None,
        use_complex: bool = False,
    ) -> None:
        super().__init__()
        self.num_fft = num_fft
        self.hop_length = hop_length or num_fft // 4
        self.window_length = window_length or num_fft
        self.length = length
        self.use_complex = use_complex
        self.bins = num_fft // 2 + 1
        self.register_buffer("window", torch.hann_window(self.window_length))

    def encode(self, x: Tensor) -> Tensor:
        """Spectrogram of a signal."""
        spectrum = stft(x.flatten(0, 1), self.num_fft, self.hop_length, self.window, normalized=True)
        pair = (spectrum.real, spectrum.imag) if self.use_complex else (spectrum.abs(), spectrum.angle())
        return torch.cat([part.reshape(x.shape[0], -1, part.shape[-1]) for part in pair], dim=1)

    def decode(self, spectrogram: Tensor, length: int) -> Tensor:
        """Signal of a spectrogram; `length` counts where the module was given none."""
        first, second = spectrogram.reshape(spectrogram.shape[0], 2, -1, self.bins, spectrogram.shape[-1]).unbind(1)
        spectrum = torch.complex(first, second) if self.use_complex else torch.polar(first, second)
        wave = inverse_stft(
            spectrum, self.num_fft, self.hop_length, self.window, length=self.length or length, normalized=True
        )
        return wave.reshape(spectrogram.shape[0], -1, wave.shape[-1])
