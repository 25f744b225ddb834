"""The pseudo quadrature mirror filter bank (Nguyen 1994; Lin & Vaidyanathan 1998; layout of stable-audio-tools)."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import fmin
from scipy.signal import firwin, kaiserord
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.audio.fixed_filters import convolve_fixed
from narrows.configs import PQMFPretransformConfig
from narrows.models._options import options
from narrows.models.pretransforms import Pretransform, build_pretransform
from narrows.models.receptive_field import ReceptiveField, chain, convolution, frames, unframes

Taps = NDArray[np.float64]


def kaiser_lowpass(cutoff: float, attenuation: float) -> Taps:
    """Windowed low-pass of odd length.

    Args:
        cutoff: in radians a sample; the transition band is as wide.
        attenuation: in dB.
    """
    length, beta = kaiserord(attenuation, cutoff / np.pi)
    taps: Taps = firwin(2 * (length // 2) + 1, cutoff, window=("kaiser", beta), scale=False, fs=2 * np.pi)
    return taps


def prototype(attenuation: float, num_bands: int) -> Taps:
    """The low-pass whose shifted copies add up most evenly, by the criterion of Lin & Vaidyanathan (1998).

    Args:
        attenuation: outside the band, in dB.
        num_bands: bands it will be modulated to.
    """

    def unevenness(cutoff: Taps) -> float:
        taps = kaiser_lowpass(float(cutoff[0]), attenuation)
        correlation = np.convolve(taps, taps[::-1])
        return float(np.abs(correlation[len(correlation) // 2 :: 2 * num_bands][1:]).max())

    best = fmin(unevenness, [1 / num_bands], disp=False)
    return kaiser_lowpass(float(best[0]), attenuation)


def modulated(taps: Tensor, num_bands: int) -> Tensor:
    """The low-pass moved to each band, padded on both sides to a power of two: `(num_bands, size)`."""
    half = taps.shape[-1] // 2
    time = torch.arange(-half, half + 1)
    band = torch.arange(num_bands)[:, None]
    phase = (-1) ** band * math.pi / 4
    bank = 2 * taps * torch.cos((2 * band + 1) * math.pi / (2 * num_bands) * time + phase)
    missing = 2 ** math.ceil(math.log2(taps.shape[-1])) - taps.shape[-1]
    return F.pad(bank, (missing // 2, missing - missing // 2))


class PQMF(nn.Module):
    """Cosine-modulated bands of one channel, computed in polyphase form.

    Args:
        attenuation: outside a band, in dB.
        num_bands: a power of two.
    """

    filter_bank: Tensor
    prototype: Tensor
    constants: ClassVar[frozenset[str]] = frozenset({"filter_bank", "prototype"})

    # Both buffers are part of the checkpoint format.
    def __init__(self, attenuation: float, num_bands: int) -> None:
        super().__init__()
        if num_bands < 2 or num_bands & (num_bands - 1):
            raise ValueError(f"num_bands must be a power of two, got {num_bands}")
        self.num_bands = num_bands
        taps = torch.tensor(prototype(attenuation, num_bands), dtype=torch.float32)
        self.register_buffer("filter_bank", modulated(taps, num_bands))
        self.register_buffer("prototype", taps)

    def analyse(self, x: Tensor) -> Tensor:
        """`(B, T)` → `(B, bands, T / bands)`."""
        phases = x.reshape(x.shape[0], -1, self.num_bands).transpose(1, 2)
        kernel = self.filter_bank.reshape(self.num_bands, -1, self.num_bands).transpose(1, 2)
        bands = convolve_fixed(F.conv1d, phases, kernel, padding=kernel.shape[-1] // 2)[..., :-1]
        return _without_aliases(bands)

    def synthesise(self, bands: Tensor) -> Tensor:
        """`(B, bands, L)` → `(B, L * bands)`."""
        kernel = self.filter_bank.flip(-1).reshape(self.num_bands, -1, self.num_bands).permute(2, 0, 1)
        bands = _without_aliases(bands)
        phases = convolve_fixed(F.conv1d, bands, kernel, padding=kernel.shape[-1] // 2 + 1)[..., :-1]
        x = (phases * self.num_bands).flip(1).transpose(1, 2).flatten(1)
        return x[:, 2 * self.num_bands :]


class PQMFPretransform(Pretransform):
    """Splits each channel into bands of equal width; nearly invertible: the error is 47 to 60 dB below the signal.

    Args:
        attenuation: outside a band, in dB; higher takes longer filters.
        num_bands: a power of two.
        channels: audio channels. Each is split alone, so that audio with any number of channels is taken.

    Shape:
        `(B, C, T)` ↔ `(B, C * num_bands, T / num_bands)`; other lengths are padded with zeros at the end.
    """

    def __init__(self, attenuation: float = 100, num_bands: int = 16, channels: int = 1) -> None:
        super().__init__(channels, channels * num_bands, num_bands)
        self.pqmf = PQMF(attenuation, num_bands)

    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C, T)` → `(B, C * num_bands, ceil(T / num_bands))`."""
        if audio.dim() != 3:
            raise ValueError(f"audio must be of shape (batch, channels, length), got {tuple(audio.shape)}")
        padded = F.pad(audio, (0, -audio.shape[-1] % self.pqmf.num_bands))
        return self.pqmf.analyse(padded.flatten(0, 1)).reshape(
            audio.shape[0], -1, padded.shape[-1] // self.pqmf.num_bands
        )

    def decode(self, encoded: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C * num_bands, L)` → `(B, C, L * num_bands)`."""
        bands = self.pqmf.num_bands
        if encoded.dim() != 3 or encoded.shape[1] % bands:
            raise ValueError(
                f"encoded must be of shape (batch, a multiple of {bands}, length), got {tuple(encoded.shape)}"
            )
        batch, channels, length = encoded.shape
        return self.pqmf.synthesise(encoded.reshape(-1, bands, length)).reshape(
            batch, channels // bands, length * bands
        )

    def encode_field(self) -> ReceptiveField:
        """See `narrows.models.streaming`; the sign that alternates between frames makes the period two of them."""
        taps, bands = self._taps, self.pqmf.num_bands
        return replace(chain(frames(bands), convolution(taps, pad=taps // 2)), period=Fraction(2 * bands))

    def decode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        filtered = replace(convolution(self._taps, pad=self._taps // 2 - 1), period=Fraction(2))
        return chain(filtered, unframes(self.pqmf.num_bands))

    @property
    def _taps(self) -> int:
        """Frames that the polyphase filters span."""
        return self.pqmf.filter_bank.shape[-1] // self.pqmf.num_bands


def _without_aliases(bands: Tensor) -> Tensor:
    """Turn the sign of every second sample of every second band, so that aliases of neighbours cancel."""
    _, count, length = bands.shape
    odd_band = torch.arange(count, device=bands.device)[:, None] % 2 == 1
    even_time = torch.arange(length, device=bands.device) % 2 == 0
    return torch.where(odd_band & even_time, -bands, bands)


@build_pretransform.register
def _(config: PQMFPretransformConfig, sample_rate: int) -> PQMFPretransform:
    return PQMFPretransform(**options(config))
