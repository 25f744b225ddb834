"""Encoders of spectrograms: `(B, C, F, T)` to latents `(B, D, L)` and facts about them; one file a type.

A new encoder is a subclass of `SpectralEncoder`; see docs/spectral.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import singledispatch
from typing import Any

from torch import Tensor, nn

EncoderInfo = dict[str, Any]
"""Values that an encoder reports: at least `feature_shape`, the frequency bins and frames behind the latents."""


class SpectralEncoder(nn.Module, ABC):
    """Base class of encoders of spectrograms.

    Args:
        input_size: channels of the spectrogram.
        is_complex: whether spectrogram, weights and latents are complex.
        time_stride: spectrogram frames a latent frame.
        latent_channels: channels of the latents that `forward` gives.
    """

    def __init__(self, *, input_size: int, is_complex: bool, time_stride: int, latent_channels: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.is_complex = is_complex
        self.time_stride = time_stride
        self.latent_channels = latent_channels

    @abstractmethod
    def forward(self, spectrogram: Tensor) -> tuple[Tensor, EncoderInfo]:
        """`(B, input_size, F, T)` → latents `(B, latent_channels, ceil(T / time_stride))`, and the info."""


@singledispatch
def build_spectral_encoder(config: Any, channels: int, bins: int) -> SpectralEncoder:
    """Build the encoder of a typed configuration; each type registers its builder in its own file.

    Args:
        config: the typed configuration.
        channels: of the spectrogram; the value of `auto`.
        bins: frequency bins of the spectrogram.
    """
    raise NotImplementedError(f"No builder for {type(config).__name__}")
