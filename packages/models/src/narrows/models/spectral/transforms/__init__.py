"""Transforms of spectrograms in front of the encoder and back behind the decoder; one file a type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import singledispatch
from typing import Any

from torch import Tensor, nn

from narrows.models.spectral.layout import Pairs, from_complex, to_complex


class SpectralTransform(nn.Module, ABC):
    """Maps magnitudes and leaves phases alone.

    Args:
        pairs: channels of the two parts of a complex number in a real spectrogram.
        apply_encoder: transform the encoder's input.
        apply_inverse: transform the decoder's output back.
        apply_target: transform the target of the losses.
    """

    def __init__(
        self,
        pairs: Pairs = "halves",
        apply_encoder: bool = True,
        apply_inverse: bool = True,
        apply_target: bool = False,
    ) -> None:
        super().__init__()
        self.pairs: Pairs = pairs
        self.apply_encoder = apply_encoder
        self.apply_inverse = apply_inverse
        self.apply_target = apply_target

    def transform(self, spectrogram: Tensor) -> Tensor:
        """Of a spectrogram, complex or complex as channels; the result is of the same kind."""
        return self._mapped(spectrogram, self.compress)

    def inverse(self, spectrogram: Tensor) -> Tensor:
        """Of a transformed spectrogram."""
        return self._mapped(spectrogram, self.expand)

    @abstractmethod
    def compress(self, x: Tensor) -> Tensor:
        """`transform` of complex values."""

    @abstractmethod
    def expand(self, x: Tensor) -> Tensor:
        """`inverse` of complex values."""

    def _mapped(self, spectrogram: Tensor, function: Any) -> Tensor:
        if spectrogram.is_complex():
            out: Tensor = function(spectrogram)
            return out
        return from_complex(function(to_complex(spectrogram, self.pairs)), self.pairs)


@singledispatch
def build_spectral_transform(config: Any) -> SpectralTransform:
    """Build the transform of a typed configuration; each type registers its builder in its own file."""
    raise NotImplementedError(f"No builder for {type(config).__name__}")


def flags(config: Any) -> dict[str, Any]:
    """The places to transform of a typed configuration."""
    return {name: getattr(config, name) for name in ("apply_encoder", "apply_inverse", "apply_target")}


def rescaled(x: Tensor, magnitude: Tensor, wanted: Tensor, eps: float) -> Tensor:
    """Complex values with other magnitudes and the same phases; below `eps` they fade to zero.

    The reference divides by `magnitude + eps`, so that its inverses are inexact everywhere; here they are exact above.
    """
    return x / magnitude.clamp_min(eps) * wanted
