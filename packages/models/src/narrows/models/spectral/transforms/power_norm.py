"""A power of magnitudes."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from narrows.configs import PowerNormTransformConfig
from narrows.models._options import options
from narrows.models.spectral.transforms import SpectralTransform, build_spectral_transform, flags, rescaled

LEAST = 1e-20
"""Magnitudes below it count as it, because the slope of a root at zero is infinite."""


class PowerNormTransform(SpectralTransform):
    """`beta |x| ** alpha` with the phase of `x`.

    Args:
        alpha: exponent; below 1 it brings quiet values up.
        beta: scale.
        eps: least magnitude that is divided by.
        common: as for `SpectralTransform`.
    """

    def __init__(self, alpha: float = 1.0, beta: float = 1.0, eps: float = 1e-8, **common: Any) -> None:
        super().__init__(**common)
        self.alpha = alpha
        self.beta = beta
        self.eps = eps

    def compress(self, x: Tensor) -> Tensor:
        """The power."""
        magnitude = x.abs()
        return rescaled(x, magnitude, self.beta * magnitude.clamp_min(LEAST) ** self.alpha, self.eps)

    def expand(self, x: Tensor) -> Tensor:
        """Its inverse."""
        magnitude = x.abs()
        return rescaled(x, magnitude, (magnitude / self.beta).clamp_min(LEAST) ** (1 / self.alpha), self.eps)


@build_spectral_transform.register
def _(config: PowerNormTransformConfig) -> PowerNormTransform:
    return PowerNormTransform(**options(config), **flags(config))
