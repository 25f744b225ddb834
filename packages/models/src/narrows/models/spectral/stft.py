"""The short-time Fourier transform and its inverse, as a pretransform of audio.

Letters: B batch, C audio channels, T samples, F frequency bins, L frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.receptive_field import ReceptiveField, convolution, transposed
from narrows.models.spectral.modules.padding import PadMode, pad_axis

WINDOWS: dict[str, Callable[[int], Tensor]] = {
    "hann": torch.hann_window,
    "hamming": torch.hamming_window,
    "blackman": torch.blackman_window,
    "bartlett": torch.bartlett_window,
    "kaiser": torch.kaiser_window,
    "rectangular": torch.ones,
}

LEAST_OVERLAP = 1e-3
"""Smallest sum of squared windows that is divided by. It is reached only where the clip ends between the last frame
and the next, and there only with hops of about half the window."""


class STFT(nn.Module):
    """A centred transform: frame `j` is the spectrum around sample `j * hop_length`.

    Args:
        n_fft: size of the FFT; there are `n_fft // 2 + 1` bins.
        hop_length: samples between frames.
        win_length: samples of the window, in the middle of the FFT; None for `n_fft`.
        window: its shape.
        pad_mode: what stands beyond the ends.
        normalized: divide by the square root of `n_fft`.
    """

    window: Tensor
    enable_grad = True

    def __init__(
        self,
        n_fft: int,
        hop_length: int,
        win_length: int | None = None,
        window: Literal["hann", "hamming", "blackman", "bartlett", "kaiser", "rectangular"] = "hann",
        pad_mode: PadMode = "reflect",
        normalized: bool = False,
    ) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.win_length = win_length or n_fft
        if not 0 < hop_length <= self.win_length <= n_fft:
            raise ValueError(
                f"hop_length {hop_length}, win_length {self.win_length} and n_fft {n_fft} must not grow in the other "
                "direction: write hop_length <= win_length <= n_fft"
            )
        self.pad_mode: PadMode = pad_mode
        self.normalized = normalized
        # Not part of the state: it follows from the options.
        self.register_buffer("window", WINDOWS[window](self.win_length), persistent=False)

    @property
    def bins(self) -> int:
        """Frequency bins."""
        return self.n_fft // 2 + 1

    def frames(self, samples: int) -> int:
        """Frames of a clip."""
        return samples // self.hop_length + 1

    def encode(self, audio: Tensor, **_: Any) -> Tensor:
        """`(B, C, T)` → complex `(B, C, F, T // hop_length + 1)`."""
        padded = pad_axis(audio, -1, self.n_fft // 2, self.n_fft // 2, self.pad_mode)
        spectrum = torch.stft(
            padded.flatten(0, 1),
            self.n_fft,
            self.hop_length,
            self.win_length,
            self.window.to(audio.dtype),
            center=False,
            normalized=self.normalized,
            return_complex=True,
        )
        return torch.unflatten(spectrum, 0, audio.shape[:2])

    def decode(self, spectrogram: Tensor, length: int | None = None, **_: Any) -> Tensor:
        """Complex `(B, C, F, L)` → `(B, C, length)`, by overlap and addition (Griffin & Lim 1984).

        Args:
            spectrogram: a missing last bin, as networks that halve the bins leave it, is taken as zero.
            length: samples; None for up to the last frame, `(L - 1) * hop_length`.
        """
        count = spectrogram.shape[-1]
        length = (count - 1) * self.hop_length if length is None else length
        spectrum = fit(spectrogram, -2, self.bins).flatten(0, 1)
        frames = torch.fft.irfft(spectrum, self.n_fft, dim=1, norm="ortho" if self.normalized else "backward")
        left = (self.n_fft - self.win_length) // 2
        window = F.pad(self.window.to(frames.dtype), (left, self.n_fft - self.win_length - left))[:, None]
        total = self._overlap_add(frames * window)
        weight = self._overlap_add((window * window).expand(1, -1, count))
        audio = (total / weight.clamp_min(LEAST_OVERLAP))[:, self.n_fft // 2 :]
        return torch.unflatten(fit(audio, -1, length), 0, spectrogram.shape[:2])

    def encode_field(self) -> ReceptiveField:
        """Of `encode`; see `narrows.models.streaming`."""
        half = self.n_fft // 2
        return convolution(self.n_fft, self.hop_length, pad=half, mirrored=half if self.pad_mode == "reflect" else 0)

    def decode_field(self) -> ReceptiveField:
        """Of `decode`."""
        return transposed(self.n_fft, self.hop_length, trim=self.n_fft // 2)

    def _overlap_add(self, frames: Tensor) -> Tensor:
        """`(N, n_fft, L)` → `(N, n_fft + (L - 1) * hop_length)`."""
        samples = self.n_fft + (frames.shape[-1] - 1) * self.hop_length
        return F.fold(frames, (1, samples), (1, self.n_fft), stride=(1, self.hop_length)).flatten(1)


def fit(x: Tensor, axis: int, size: int) -> Tensor:
    """Cut at the end, or padded with zeros there, to a size along an axis counted from the last."""
    missing = size - x.shape[axis]
    if missing <= 0:
        return x.narrow(axis, 0, size)
    return F.pad(x, [0, 0] * (-axis - 1) + [0, missing])
