"""Decoders to spectrograms: latents `(B, D, L)` to `(B, C, F, T)`; one file a type, named after it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import singledispatch
from typing import Any

from torch import Tensor, nn

from narrows.models.spectral.encoders import EncoderInfo


class SpectralDecoder(nn.Module, ABC):
    """Base class of decoders to spectrograms.

    Args:
        channels: channels of the spectrogram.
        is_complex: whether latents, weights and spectrogram are complex.
        time_stride: spectrogram frames a latent frame.
        latent_channels: channels of the latents that `forward` takes.
    """

    def __init__(self, *, channels: int, is_complex: bool, time_stride: int, latent_channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.is_complex = is_complex
        self.time_stride = time_stride
        self.latent_channels = latent_channels

    @abstractmethod
    def forward(self, latents: Tensor, encoder_info: EncoderInfo | None = None) -> Tensor:
        """Latents `(B, latent_channels, L)` → `(B, channels, F, L * time_stride)`, up to a few bins and frames.

        Args:
            latents: output of the bottleneck.
            encoder_info: what that encoder reported, where it is known; a decoder must do without.
        """


@singledispatch
def build_spectral_decoder(config: Any, channels: int, bins: int) -> SpectralDecoder:
    """Build the decoder of a typed configuration; each type registers its builder in its own file.

    Args:
        config: the typed configuration.
        channels: of the spectrogram; the value of `auto`.
        bins: frequency bins of the spectrogram.
    """
    raise NotImplementedError(f"No builder for {type(config).__name__}")
