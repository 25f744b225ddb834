"""The discrete wavelet transform (filters of PyWavelets; layout of stable-audio-tools)."""

from __future__ import annotations

from typing import Any, ClassVar

import pywt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.audio.fixed_filters import convolve_fixed
from narrows.configs import WaveletPretransformConfig
from narrows.models._options import options
from narrows.models.pretransforms import Pretransform, build_pretransform
from narrows.models.pretransforms.base import check_shape
from narrows.models.receptive_field import (
    ReceptiveField,
    chain,
    convolution,
    frames,
    padding,
    parallel,
    transposed,
    unframes,
)


def filters(wavelet: str) -> Tensor:
    """Analysis low-pass and high-pass, then synthesis low-pass and high-pass: `(4, taps)`, of odd length.

    PyWavelets pads its biorthogonal filters to an even length with a leading zero, which is dropped here.
    """
    bank = torch.tensor(pywt.Wavelet(wavelet).filter_bank)
    if bank.shape[-1] % 2 == 0 and torch.all(bank[:, 0] == 0):
        bank = bank[:, 1:]
    if bank.shape[-1] % 2 == 0:
        raise ValueError(
            f"The filters of {wavelet} have even length; "
            "take one of bior2.2, bior2.4, bior2.6, bior2.8, bior4.4, bior6.8"
        )
    return bank


class _Bank(nn.Module):
    """Two filters, the same for each channel: `(2C, C, taps)`, low bands of all channels first."""

    kernel: Tensor
    constants: ClassVar[frozenset[str]] = frozenset({"kernel"})

    def __init__(self, pair: Tensor, channels: int) -> None:
        super().__init__()
        each = torch.eye(channels)[None, :, :, None] * pair[:, None, None, :]
        self.register_buffer("kernel", each.flatten(0, 1))


class WaveletPretransform(Pretransform):
    """Splits the low band again and again; the encoded channels are ordered from the lowest band to the highest.

    Args:
        channels: audio channels.
        levels: number of splits.
        wavelet: family, by PyWavelets' name.

    Shape:
        `(B, C, T)` ↔ `(B, C * 2^levels, T / 2^levels)`; T a multiple of `2^levels`.
    """

    # `encoder.kernel` and `decoder.kernel` are part of the checkpoint format.
    def __init__(self, channels: int, levels: int, wavelet: str) -> None:
        super().__init__(channels, channels * 2**levels, 2**levels)
        self.levels = levels
        bank = filters(wavelet)
        self.encoder = _Bank(bank[:2].flip(-1), channels)
        self.decoder = _Bank(bank[2:], channels)

    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C, T)` → `(B, C * 2^levels, T / 2^levels)`."""
        channels, kernel = self.io_channels, self.encoder.kernel
        check_shape("audio", audio, channels, self.downsampling_ratio)
        x, margin = audio, kernel.shape[-1] // 2
        for _ in range(self.levels):
            low, high = x[:, :channels], x[:, channels:]
            split = convolve_fixed(F.conv1d, _reflect(low, margin), kernel, stride=2)
            x = torch.cat((split, _fold(high, channels)), dim=1)
        return x

    def decode(self, encoded: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C * 2^levels, L)` → `(B, C, L * 2^levels)`."""
        channels, kernel = self.io_channels, self.decoder.kernel
        check_shape("encoded", encoded, self.encoded_channels)
        x, margin = encoded, kernel.shape[-1] // 2 + 2
        for _ in range(self.levels):
            low, high = x[:, : 2 * channels], x[:, 2 * channels :]
            low, padding = _mirror_bands(low, margin), kernel.shape[-1] // 2
            joined = convolve_fixed(F.conv_transpose1d, low, kernel, stride=2, padding=padding)
            x = torch.cat((joined[..., margin - 1 : -margin], _unfold(high, channels)), dim=1)
        return x

    def encode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        taps = self.encoder.kernel.shape[-1]
        level = parallel(convolution(taps, 2, pad=taps // 2, mirrored=taps // 2), frames(2))
        return chain(*[level] * self.levels)

    def decode_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        taps = self.decoder.kernel.shape[-1]
        margin = taps // 2 + 2
        joined = chain(padding(margin // 2, mirrored=margin // 2 + 1), transposed(taps, 2, trim=taps // 2 + margin - 1))
        return chain(*[parallel(joined, unframes(2))] * self.levels)


def _reflect(x: Tensor, margin: int) -> Tensor:
    if x.shape[-1] <= margin:
        raise ValueError(f"Too short for this wavelet: {x.shape[-1]} samples at a level that needs more than {margin}")
    return F.pad(x, (margin, margin), mode="reflect")


def _mirror_bands(x: Tensor, margin: int) -> Tensor:
    """Reflect bands at both ends as the signal they came from was: their samples alternate, low and high."""
    batch, bands, length = x.shape
    signal = x.reshape(batch, 2, bands // 2, length).permute(0, 2, 3, 1).reshape(batch, bands // 2, 2 * length)
    mirrored = _reflect(signal, margin)
    return mirrored.reshape(batch, bands // 2, -1, 2).permute(0, 3, 1, 2).reshape(batch, bands, -1)


def _fold(x: Tensor, channels: int) -> Tensor:
    """Bands that are not split any further: pairs of samples become channels."""
    batch, count, length = x.shape
    return x.reshape(batch, count // channels, channels, length // 2, 2).permute(0, 1, 4, 2, 3).flatten(1, 3)


def _unfold(x: Tensor, channels: int) -> Tensor:
    """Undo `_fold`."""
    batch, count, length = x.shape
    split = x.reshape(batch, count // (2 * channels), 2, channels, length)
    return split.permute(0, 1, 3, 4, 2).reshape(batch, count // 2, length * 2)


@build_pretransform.register
def _(config: WaveletPretransformConfig, sample_rate: int) -> WaveletPretransform:
    return WaveletPretransform(**options(config))
