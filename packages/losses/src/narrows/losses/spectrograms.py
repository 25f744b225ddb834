"""Distances of two spectrograms: complex, of magnitudes, and of phases.

Spectrograms are complex `(B, C, F, L)`, or real `(B, 2C, F, L)` in the layout of `narrows.models.spectral.layout`; both
give the same numbers. EulerAudioBackbone reads real ones in another order than its data set writes them, so that for
stereo every distance but the squared one is of channels that do not belong together.

Letters: B batch, C audio channels, F frequency bins, L frames.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from torch import Tensor, nn

from narrows.models.spectral.layout import unpack_complex

Reduction = Literal["mean", "sum"]


class SpectrogramDistance(nn.Module, ABC):
    """The mean, or the sum, of a distance of every bin.

    Args:
        reduction: `mean` or `sum`.

    Shape:
        input and target, both complex `(B, C, F, L)` or real `(B, 2C, F, L)` → scalar
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    @abstractmethod
    def distance(self, x: Tensor, y: Tensor) -> Tensor:
        """The distance of complex spectrograms, bin by bin."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Compare two spectrograms."""
        if input.shape != target.shape or input.is_complex() != target.is_complex():
            raise ValueError(f"Cannot compare spectrograms of shapes {tuple(input.shape)} and {tuple(target.shape)}")
        distance = self.distance(unpack_complex(input), unpack_complex(target))
        return distance.mean() if self.reduction == "mean" else distance.sum()


class ComplexDistance(SpectrogramDistance):
    """`|x - y|^p`: the mean squared error of the complex bins with p = 2.

    Args:
        p: exponent.
        reduction: `mean` or `sum`.
    """

    def __init__(self, p: float = 2.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.p = p

    def distance(self, x: Tensor, y: Tensor) -> Tensor:
        """The distance, bin by bin."""
        difference = x - y
        if self.p == 2:  # without the root, whose gradient is not defined where both agree
            return difference.real.square() + difference.imag.square()
        return difference.abs() ** self.p


class MagnitudeDistance(SpectrogramDistance):
    """`||x| - |y||^p`, or of the natural logarithms of the magnitudes.

    Args:
        scale: `linear` or `log`.
        p: exponent.
        eps: floor of the magnitudes, which also keeps their gradient finite.
        reduction: `mean` or `sum`.
    """

    def __init__(
        self, scale: Literal["linear", "log"] = "log", p: float = 1.0, eps: float = 1e-5, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        self.scale, self.p, self.eps = scale, p, eps

    def distance(self, x: Tensor, y: Tensor) -> Tensor:
        """The distance, bin by bin."""
        magnitudes = [floored(z, self.eps) for z in (x, y)]
        if self.scale == "log":
            magnitudes = [magnitude.log() for magnitude in magnitudes]
        return (magnitudes[0] - magnitudes[1]).abs() ** self.p


class PhaseDistance(SpectrogramDistance):
    """`w (1 - cos φ)`, with φ the difference of the phases and w a power of the magnitude.

    The cosine is computed from the product of the bins, not from two angles: the angle's gradient grows without bound
    where a bin is small.

    Args:
        energy_weighted: weight by magnitude; else every bin counts the same.
        energy_ref: whose magnitude: `avg` is the mean of both, `ref` that of the target.
        energy_power: exponent of the magnitude.
        eps: floor of the product of the magnitudes.
        reduction: `mean` or `sum`.
    """

    def __init__(
        self,
        energy_weighted: bool = True,
        energy_ref: Literal["avg", "ref"] = "avg",
        energy_power: float = 1.0,
        eps: float = 1e-7,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        self.energy_weighted, self.energy_ref, self.energy_power = energy_weighted, energy_ref, energy_power
        self.eps = eps

    def distance(self, x: Tensor, y: Tensor) -> Tensor:
        """The distance, bin by bin."""
        x_magnitude, y_magnitude = x.abs(), y.abs()
        product = x.real * y.real + x.imag * y.imag
        distance = 1 - product / (x_magnitude * y_magnitude).clamp_min(self.eps)
        if not self.energy_weighted:
            return distance
        energy = y_magnitude if self.energy_ref == "ref" else 0.5 * (x_magnitude + y_magnitude)
        return distance * energy**self.energy_power


def floored(x: Tensor, eps: float) -> Tensor:
    """Magnitudes of complex bins, at least `eps`."""
    return (x.real.square() + x.imag.square()).clamp_min(eps**2).sqrt()
