"""The short-time Fourier transform and its inverse, as a pretransform of audio.

Letters: B batch, C audio channels, T samples, F frequency bins, L frames.
"""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor, nn
from torch.nn import functional as F

from narrows.audio.stft import inverse_stft, stft
from narrows.audio.windows import get_window
from narrows.models.receptive_field import ReceptiveField, convolution, transposed
from narrows.models.spectral.modules.padding import PadMode, pad_axis


class STFT(nn.Module):
    """A centred transform: frame `j` is the spectrum around sample `j * hop_length`.

    Args:
        n_fft: size of the FFT; there are `n_fft // 2 + 1` bins.
        hop_length: samples between frames.
        win_length: samples of the window, in the middle of the FFT; None for `n_fft`.
        window: its shape.
        pad_mode: what the ends are padded with.
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
        self.register_buffer("window", get_window(window, self.win_length), persistent=False)

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
        return stft(padded, self.n_fft, self.hop_length, self.window, pad_mode=None, normalized=self.normalized)

    def decode(self, spectrogram: Tensor, length: int | None = None, **_: Any) -> Tensor:
        """Complex `(B, C, F, L)` → `(B, C, length)`.

        Args:
            spectrogram: a missing last bin, as networks that halve the bins leave it, is taken as zero.
            length: samples; None for up to the last frame, `(L - 1) * hop_length`.
        """
        spectrum = fit(spectrogram, -2, self.bins)
        return inverse_stft(
            spectrum, self.n_fft, self.hop_length, self.window, length=length, normalized=self.normalized
        )

    def encode_field(self) -> ReceptiveField:
        """Of `encode`; see `narrows.models.streaming`."""
        half = self.n_fft // 2
        return convolution(self.n_fft, self.hop_length, pad=half, mirrored=half if self.pad_mode == "reflect" else 0)

    def decode_field(self) -> ReceptiveField:
        """Of `decode`."""
        return transposed(self.n_fft, self.hop_length, trim=self.n_fft // 2)


def fit(x: Tensor, axis: int, size: int) -> Tensor:
    """Cut at the end, or padded with zeros there, to a size along an axis counted from the last."""
    missing = size - x.shape[axis]
    if missing <= 0:
        return x.narrow(axis, 0, size)
    return F.pad(x, [0, 0] * (-axis - 1) + [0, missing])
