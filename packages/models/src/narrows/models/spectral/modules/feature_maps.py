"""Networks of diffusers on spectrograms: maps of features in two dimensions as latents, and back.

They halve frequency and time in steps, so that the spectrogram is padded to whole cells of the last map. The frequency
of that map is folded into channels, channel by channel, so that mean and scale of a variational bottleneck stay two
halves.

Letters: B batch, C channels, F frequency bins, T frames, R rows of the map, L latent frames.
"""

from __future__ import annotations

from importlib import import_module
from math import ceil
from typing import Any

import torch
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.models.receptive_field import ReceptiveField, obstacle
from narrows.models.spectral.decoders import SpectralDecoder
from narrows.models.spectral.encoders import EncoderInfo, SpectralEncoder
from narrows.models.spectral.stft import fit


class MissingDiffusersError(NarrowsError, ImportError):
    """The optional package diffusers is not installed."""


def diffusers_class(module: str, name: str) -> Any:
    """A network of diffusers.

    Raises:
        MissingDiffusersError: the package is not installed.
    """
    try:
        return getattr(import_module(f"diffusers.models.autoencoders.{module}"), name)
    except ModuleNotFoundError as error:
        raise MissingDiffusersError(
            "This type needs the package diffusers: pip install 'narrows-models[diffusers]'"
        ) from error


def rows_of(bins: int, stride: int) -> int:
    """Rows of the map that is left of so many bins."""
    return ceil(bins / stride)


class FeatureMapEncoder(SpectralEncoder):
    """An encoder whose network gives maps of features.

    Args:
        input_size: channels of the spectrogram.
        bins: frequency bins of the spectrogram.
        stride: bins, and frames, a cell of the map.
        map_channels: channels of the map.
    """

    def __init__(self, input_size: int, bins: int, stride: int, map_channels: int) -> None:
        rows = rows_of(bins, stride)
        super().__init__(
            input_size=input_size, is_complex=False, time_stride=stride, latent_channels=map_channels * rows
        )
        self.rows = rows

    def forward(self, spectrogram: Tensor) -> tuple[Tensor, EncoderInfo]:
        """Encode, frequency and time filled up by zeros."""
        stride = self.time_stride
        frames = ceil(spectrogram.shape[-1] / stride)
        features = self.map_of(fit(fit(spectrogram, -2, self.rows * stride), -1, frames * stride))
        return features.flatten(1, 2), {"feature_shape": tuple(features.shape[-2:])}

    def map_of(self, spectrogram: Tensor) -> Tensor:
        """`(B, C, R * stride, L * stride)` → `(B, map_channels, R, L)`."""
        raise NotImplementedError

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "normalises over the whole clip")


class FeatureMapDecoder(SpectralDecoder):
    """A decoder whose network takes maps of features.

    Args:
        channels: channels of the spectrogram.
        bins: frequency bins of the spectrogram.
        stride: bins, and frames, a cell of the map.
        map_channels: channels of the map.
        scaling_factor: the latents are divided by it.
    """

    def __init__(self, channels: int, bins: int, stride: int, map_channels: int, scaling_factor: float) -> None:
        rows = rows_of(bins, stride)
        super().__init__(channels=channels, is_complex=False, time_stride=stride, latent_channels=map_channels * rows)
        self.bins = bins
        self.rows = rows
        self.scaling_factor = scaling_factor

    def forward(self, latents: Tensor, encoder_info: EncoderInfo | None = None) -> Tensor:
        """Decode, and cut off the bins that the encoder added."""
        features = torch.unflatten(latents, 1, (-1, self.rows))
        return fit(self.spectrogram_of(features / self.scaling_factor), -2, self.bins)

    def spectrogram_of(self, features: Tensor) -> Tensor:
        """`(B, map_channels, R, L)` → `(B, C, R * stride, L * stride)`."""
        raise NotImplementedError

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "normalises over the whole clip")
