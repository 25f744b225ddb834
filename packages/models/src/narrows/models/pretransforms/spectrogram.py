"""Logarithms of magnitudes as channels: a pretransform that keeps the phase out of what a model learns.

Letters: B batch, C audio channels, T samples, F = n_fft // 2 + 1 frequency bins, L frames.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.phases import audio_of_hop_spectra, griffin_lim, hop_spectra, phases_of_peaks
from narrows.configs import SpectrogramPretransformConfig
from narrows.models._options import options
from narrows.models.pretransforms import Pretransform, build_pretransform
from narrows.models.pretransforms.base import check_shape
from narrows.models.receptive_field import ReceptiveField, convolution, obstacle

LOUDEST = 10.0
"""Magnitude that the way back does not exceed, 20 dB above full scale: a decoder may ask for any logarithm, and the
exponential of a few too many would drown everything."""


class SpectrogramPretransform(Pretransform):
    """The magnitudes of a short-time Fourier transform, as logarithms; the way back finds phases for them.

    A magnitude is in units of amplitude: a sinusoid of amplitude 1 has 1 at its peak. Phases start from spectral peaks
    and are refined by the fast algorithm of Griffin and Lim (see `narrows.audio.phases`). They are not those of the
    original, so that waveforms do not match: compare spectra. The way back holds magnitudes at 10. The same
    magnitudes always give the same audio, and silence gives silence. Gradients reach the magnitudes, with the phases
    as they were found.

    Args:
        channels: audio channels. Each is transformed alone.
        n_fft: samples of window and transform; at least twice `hop_length`, and an even number more than it.
        hop_length: samples a frame.
        floor: is added to magnitudes before the logarithm.
        offset: logarithm that becomes 0.
        scale: by which logarithms are divided.
        iterations: of the search for phases.
        momentum: of the search for phases.

    Shape:
        `(B, C, T)` ↔ `(B, C * F, T / hop_length)`; other lengths are padded with silence at the end.
    """

    export_obstacle: str | None = "its pretransform searches for phases, which a graph cannot do"

    def __init__(
        self,
        channels: int = 1,
        n_fft: int = 1024,
        hop_length: int = 256,
        floor: float = 1e-4,
        offset: float = -7.0,
        scale: float = 2.0,
        iterations: int = 32,
        momentum: float = 0.99,
    ) -> None:
        if n_fft < 2 * hop_length or (n_fft - hop_length) % 2:
            raise ValueError(
                f"n_fft must be at least twice hop_length and an even number more than it, got {n_fft} for a "
                f"hop_length of {hop_length}"
            )
        self.bins = n_fft // 2 + 1
        super().__init__(channels, channels * self.bins, hop_length)
        self.n_fft, self.hop_length = n_fft, hop_length
        self.floor, self.offset, self.scale = floor, offset, scale
        self.iterations, self.momentum = iterations, momentum

    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C, T)` → `(B, C * F, ceil(T / hop_length))`."""
        check_shape("audio", audio, self.io_channels)
        # There is no Fourier transform of 16-bit numbers.
        whole = F.pad(_wide(audio), (0, -audio.shape[-1] % self.hop_length))
        magnitudes = hop_spectra(whole, self.n_fft, self.hop_length).abs() / self._unit
        return (((magnitudes + self.floor).log() - self.offset) / self.scale).flatten(1, 2).to(audio.dtype)

    def decode(self, encoded: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C * F, L)` → `(B, C, L * hop_length)`."""
        check_shape("encoded", encoded, self.encoded_channels)
        batch, _, frames = encoded.shape
        logarithms = _wide(encoded).reshape(batch, self.io_channels, self.bins, frames) * self.scale + self.offset
        magnitudes = (logarithms.exp() - self.floor).clamp(0, LOUDEST) * self._unit
        with torch.no_grad():
            start = phases_of_peaks(magnitudes, self.n_fft, self.hop_length)
            found = griffin_lim(magnitudes, start, self.n_fft, self.hop_length, self.iterations, self.momentum).angle()
        return audio_of_hop_spectra(torch.polar(magnitudes, found), self.n_fft, self.hop_length).to(encoded.dtype)

    def encode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return convolution(self.n_fft, self.hop_length, pad=(self.n_fft - self.hop_length) // 2)

    def decode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "finds the phases of the whole clip together")

    @property
    def _unit(self) -> float:
        """What the transform makes of a sinusoid of amplitude 1, at its peak: half the sum of a Hann window."""
        return self.n_fft / 4


def _wide(x: Tensor) -> Tensor:
    return x if x.dtype == torch.float64 else x.float()


@build_pretransform.register
def _(config: SpectrogramPretransformConfig, sample_rate: int) -> SpectrogramPretransform:
    return SpectrogramPretransform(**options(config))
