"""The centred short-time Fourier transform, its inverse, and complex spectrograms as real channels.

Letters: C channels, T samples, F = n_fft // 2 + 1 frequency bins, L frames. Frame `j` is the spectrum around sample
`j * hop_length`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

LEAST_OVERLAP = 1e-3
"""Smallest sum of squared windows that is divided by. It is reached only where the clip ends between the last frame
and the next, and there only with hops of about half the window."""


def stft(
    audio: Tensor,
    n_fft: int,
    hop_length: int,
    window: Tensor,
    *,
    pad_mode: str | None = "reflect",
    normalized: bool = False,
) -> Tensor:
    """Complex spectrogram of audio.

    Args:
        audio: `(..., T)`, real.
        n_fft: FFT size in samples.
        hop_length: samples between frames.
        window: `(W,)` with W <= n_fft; it stands in the middle of the FFT.
        pad_mode: how the ends are padded by `n_fft // 2` samples, as in `torch.nn.functional.pad`; None when the caller
            has padded the audio.
        normalized: divide by the square root of `n_fft`.

    Returns:
        `(..., F, L)`, with L = T // hop_length + 1 for centred frames.
    """
    spectra = torch.stft(
        audio.reshape(-1, audio.shape[-1]),
        n_fft,
        hop_length,
        len(window),
        window.to(audio),
        center=pad_mode is not None,
        pad_mode=pad_mode or "reflect",
        normalized=normalized,
        return_complex=True,
    )
    return spectra.reshape(*audio.shape[:-1], *spectra.shape[-2:])


def inverse_stft(
    spectrogram: Tensor,
    n_fft: int,
    hop_length: int,
    window: Tensor,
    *,
    length: int | None = None,
    normalized: bool = False,
    trim: int | None = None,
) -> Tensor:
    """Audio of a centred complex spectrogram, by overlap and addition (Griffin & Lim 1984).

    Unlike `torch.istft` it takes any hop up to the window length, and any `length`.

    Args:
        spectrogram: `(..., F, L)`.
        n_fft: FFT size in samples.
        hop_length: samples between frames.
        window: of the analysis.
        length: samples of the result; None for up to the last frame, `(L - 1) * hop_length`.
        normalized: as in the analysis.
        trim: samples that are padding before the first, at the start of frame 0; None for `n_fft // 2`.

    Returns:
        `(..., length)`
    """
    *batch, _, count = spectrogram.shape
    length = (count - 1) * hop_length if length is None else length
    spectra = spectrogram.reshape(-1, *spectrogram.shape[-2:])
    frames = torch.fft.irfft(spectra, n_fft, dim=1, norm="ortho" if normalized else "backward")
    left = (n_fft - len(window)) // 2
    shape = F.pad(window.to(frames), (left, n_fft - len(window) - left))[:, None]
    total = _overlap_add(frames * shape, n_fft, hop_length)
    weight = _overlap_add((shape * shape).expand(1, -1, count), n_fft, hop_length)
    audio = (total / weight.clamp_min(LEAST_OVERLAP))[:, n_fft // 2 if trim is None else trim :]
    return F.pad(audio, (0, length - audio.shape[-1])).reshape(*batch, length)


def complex_as_channels(spectrogram: Tensor) -> Tensor:
    """Complex `(..., C, F, L)` as real `(..., 2C, F, L)`: all real parts, then all imaginary parts.

    This is the one layout of the project; the reference stores it so, but its transforms and losses read pairs.
    """
    return torch.cat([spectrogram.real, spectrogram.imag], dim=-3)


def _overlap_add(frames: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """`(N, n_fft, L)` → `(N, n_fft + (L - 1) * hop_length)`."""
    samples = n_fft + (frames.shape[-1] - 1) * hop_length
    return F.fold(frames, (1, samples), (1, n_fft), stride=(1, hop_length)).flatten(1)
